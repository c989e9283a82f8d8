"""What is kept: the only SQL, the only encryption, the audit trail, the inbox and the outbox."""
