"""XPath as OpenRosa forms use it: parse once, compile to closures, evaluate against nodes."""

from xlsform.xpath.compiler import Env, Expression, Host, compile_expression
from xlsform.xpath.values import Value, to_boolean, to_number, to_text

__all__ = ["Env", "Expression", "Host", "Value", "compile_expression", "to_boolean", "to_number", "to_text"]
