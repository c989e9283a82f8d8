// Three phones and a clock: draws what the stand-in server holds, and sends back what is tapped and typed.
const start = await (await fetch(`/start${location.search}`)).json();
const words = start.words;
document.documentElement.lang = start.language.replace("_", "-");
for (const node of document.querySelectorAll("[data-word]")) node.textContent = words[node.dataset.word];
for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", words[node.dataset.label]);

const post = async (path, body) => {
  const answer = await fetch(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  return answer.ok ? answer.json() : { fault: await answer.text() };
};

const element = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

const marked = (text, bold) => {
  const bubble = document.createDocumentFragment();
  const characters = text; // offsets are UTF-16 units, as JavaScript counts
  let at = 0;
  for (const [from, length] of bold) {
    bubble.append(characters.slice(at, from), element("b", "", characters.slice(from, from + length)));
    at = from + length;
  }
  bubble.append(characters.slice(at));
  return bubble;
};

class Phone {
  constructor(person) {
    this.id = person.id;
    this.seen = "";
    this.node = document.querySelector("#phone").content.firstElementChild.cloneNode(true);
    this.node.dataset.role = person.role;
    this.node.querySelector(".name").textContent = person.name;
    this.node.querySelector(".role").textContent = words[`page.role.${person.role}`];
    this.chat = this.node.querySelector(".chat");
    this.chat.setAttribute("aria-label", person.name);
    this.popup = this.node.querySelector(".popup");
    this.menu = this.node.querySelector(".menu");
    this.node.querySelector("input").placeholder = words["page.type"];
    this.node.querySelector(".send").setAttribute("aria-label", words["page.send"]);
    const opener = this.node.querySelector(".open-menu");
    opener.setAttribute("aria-label", words["page.menu"]);
    opener.addEventListener("click", () => this.showMenu(this.menu.hidden));
    this.node.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const field = event.target.elements.text;
      if (field.value.trim()) this.say(field.value);
      field.value = "";
    });
    document.querySelector("#phones").append(this.node);
  }

  say(text) {
    this.showMenu(false);
    post("/say", { phone: this.id, text });
  }

  showMenu(open) {
    this.menu.hidden = !open;
    this.node.querySelector(".open-menu").setAttribute("aria-expanded", open);
  }

  drawMenu(commands) {
    this.menu.replaceChildren(...commands.map(([command, meaning]) => {
      const row = element("button");
      row.type = "button";
      row.append(element("b", "", `/${command}`), element("span", "", meaning));
      row.addEventListener("click", () => this.say(`/${command}`));
      return row;
    }));
  }

  draw(view) {
    this.drawMenu(view.commands);
    const state = JSON.stringify(view.messages);
    if (state !== this.seen) {
      this.seen = state;
      const newest = view.messages.findLast((message) => message.buttons.length)?.id;
      this.chat.replaceChildren(...view.messages.flatMap((message) => this.bubble(message, message.id === newest)));
      this.chat.scrollTop = this.chat.scrollHeight;
    }
    for (const popup of view.popups) this.showPopup(popup);
  }

  bubble(message, newest) {
    const bubble = element("div", message.from_bot ? "bubble" : "bubble mine");
    bubble.append(marked(message.text, message.bold));
    bubble.append(element("time", "", message.at));
    if (!message.buttons.length) return [bubble];
    const keys = element("div", newest ? "keys" : "keys old");
    for (const row of message.buttons) {
      const line = element("div");
      for (const button of row) {
        const key = element("button", "", button.text);
        key.type = "button";
        key.addEventListener("click", () => post("/tap", { phone: this.id, message: message.id, data: button.data }));
        line.append(key);
      }
      keys.append(line);
    }
    return [bubble, keys];
  }

  showPopup({ text, alarm }) {
    this.popup.className = alarm ? "popup alarm" : "popup";
    this.popup.replaceChildren(element("span", "", text));
    this.popup.hidden = false;
    if (!alarm) { setTimeout(() => { this.popup.hidden = true; }, 3500); return; }
    const close = element("button", "", words["page.close"]);
    close.type = "button";
    close.addEventListener("click", () => { this.popup.hidden = true; });
    this.popup.append(close);
    close.focus();
  }
}

const phones = new Map(start.people.map((person) => [person.id, new Phone(person)]));
const clock = document.querySelector("#now");
const moves = [...document.querySelectorAll("[data-move]")];
for (const button of moves) {
  button.addEventListener("click", async () => {
    for (const other of moves) other.disabled = true;
    document.querySelector("#busy").hidden = false;
    await post("/clock", { move: button.dataset.move });
    document.querySelector("#busy").hidden = true;
    for (const other of moves) other.disabled = false;
  });
}

const stream = new EventSource(`/events${location.search}`);
stream.onmessage = (event) => {
  const state = JSON.parse(event.data);
  clock.textContent = state.now;
  for (const [id, view] of Object.entries(state.phones)) phones.get(Number(id))?.draw(view);
};
