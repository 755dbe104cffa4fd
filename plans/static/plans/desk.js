// Sends the forms of a desk without leaving the page; everything works without it.
(() => {
    const working = new WeakSet();

    // With the script to choose a file is to send it: the styles hide the rest.
    document.documentElement.dataset.desk = "live";

    function send(form) {
        if (working.has(form)) return;
        working.add(form);
        const desk = form.closest("[data-desk]");
        const progress = form.querySelector("progress");
        const request = new XMLHttpRequest();
        const giveUp = () => form.submit();
        request.open("POST", form.action);
        request.setRequestHeader("X-Requested-With", "desk");
        if (progress) {
            progress.hidden = false;
            request.upload.addEventListener("progress", (event) => {
                if (event.lengthComputable) progress.value = event.loaded / event.total;
            });
        }
        request.addEventListener("load", () => {
            working.delete(form);
            const fresh = new DOMParser()
                .parseFromString(request.responseText, "text/html")
                .querySelector("[data-desk]");
            // Signed out meanwhile, or an error page: let the browser show it.
            if (!fresh) return giveUp();
            desk.replaceWith(fresh);
            fresh.querySelector("[role=status]")?.scrollIntoView({ block: "nearest" });
        });
        request.addEventListener("error", () => {
            working.delete(form);
            if (progress) progress.hidden = true;
            const note = form.querySelector("[data-failed]");
            if (note) note.hidden = false;
        });
        request.send(new FormData(form));
    }

    document.addEventListener("submit", (event) => {
        const form = event.target;
        if (!form.matches("[data-desk] form[data-live]")) return;
        event.preventDefault();
        send(form);
    });

    // To choose a file is to send it, unless a note is being written.
    document.addEventListener("change", (event) => {
        const form = event.target.form;
        if (event.target.type !== "file" || !form?.matches("[data-live]")) return;
        if (!form.querySelector("details[open]") && form.reportValidity()) send(form);
    });

    // Shows a paper below its name, and puts it away again.
    function preview(button) {
        const shown = button.getAttribute("aria-expanded") === "true";
        button.setAttribute("aria-expanded", String(!shown));
        if (shown) {
            button.nextElementSibling.remove();
            return;
        }
        const isPicture = button.dataset.preview === "image";
        const paper = document.createElement(isPicture ? "img" : "iframe");
        paper.className = "paper-preview";
        paper[isPicture ? "alt" : "title"] = button.dataset.name;
        paper.src = button.dataset.url;
        button.after(paper);
    }

    document.addEventListener("click", (event) => {
        const button = event.target.closest?.("[data-preview]");
        if (button) preview(button);
    });

    for (const kind of ["dragover", "dragleave", "drop"]) {
        document.addEventListener(kind, (event) => {
            const form = event.target.closest?.("[data-drop]");
            if (!form || !event.dataTransfer?.types.includes("Files")) return;
            event.preventDefault();
            form.toggleAttribute("data-over", kind === "dragover");
            if (kind !== "drop") return;
            form.elements.uploads.files = event.dataTransfer.files;
            send(form);
        });
    }
})();
