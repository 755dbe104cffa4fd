// Conveniences only: every page works without this file.
(() => {
    const root = document.documentElement;
    const KEY = "display";

    // Before the page is drawn, or it would flash in the other theme.
    try {
        const chosen = localStorage.getItem(KEY);
        if (chosen) root.dataset.theme = chosen;
    } catch {
        // No storage: the display follows the system.
    }

    const isDark = () =>
        (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

    function themeSwitch(button) {
        const label = () => (button.textContent = isDark() ? button.dataset.light : button.dataset.dark);
        button.addEventListener("click", () => {
            root.dataset.theme = isDark() ? "light" : "dark";
            try {
                localStorage.setItem(KEY, root.dataset.theme);
            } catch {
                // It holds for this page.
            }
            label();
        });
        label();
        button.hidden = false;
    }

    function reveal(button) {
        const input = document.getElementById(button.dataset.reveal);
        const draw = (shown) => {
            input.type = shown ? "text" : "password";
            button.textContent = shown ? button.dataset.hide : button.dataset.show;
        };
        button.addEventListener("click", () => draw(input.type === "password"));
        input.form.addEventListener("submit", () => draw(false));
        draw(false);
        button.hidden = false;
    }

    function menu(details) {
        document.addEventListener("click", (event) => {
            if (!details.contains(event.target)) details.open = false;
        });
        details.addEventListener("keydown", (event) => {
            if (event.key !== "Escape" || !details.open) return;
            details.open = false;
            details.querySelector("summary").focus();
        });
    }

    document.addEventListener("DOMContentLoaded", () => {
        document.querySelectorAll("[data-theme-switch]").forEach(themeSwitch);
        document.querySelectorAll("[data-reveal]").forEach(reveal);
        document.querySelectorAll("[data-menu]").forEach(menu);
        document.querySelectorAll("[data-print]").forEach((button) => {
            button.addEventListener("click", () => print());
            button.hidden = false;
        });
        if (matchMedia("(min-width: 75rem)").matches) {
            document.querySelectorAll("[data-open-wide]").forEach((details) => (details.open = true));
        }
    });
})();
