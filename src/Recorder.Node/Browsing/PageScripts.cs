namespace Recorder.Node.Browsing;

/// <summary>The scripts that a page is given or asked.</summary>
internal static class PageScripts
{
    /// <summary>
    /// Answers the page's dialogs before the browser makes a window of them, as a dismissed dialog would: what DevTools
    /// answers has been on the display for some frames before. They are counted at the outermost window. Frames of
    /// another origin may not show dialogs at all.
    /// </summary>
    public const string DismissDialogs = """
        (() => {
          const key = Symbol.for('recorder.dialogs');
          const count = () => {
            try {
              Object.defineProperty(top, key, { value: (top[key] | 0) + 1, configurable: true });
            } catch { /* Another origin's window. */ }
          };
          for (const [name, answer] of [['alert', undefined], ['confirm', false], ['prompt', null]]) {
            const dismiss = ((...given) => {
              if (given.length > 0) void `${given[0]}`;
              count();
              return answer;
            }).bind(undefined);
            Object.defineProperty(dismiss, 'name', { value: name, configurable: true });
            Object.defineProperty(window, name, { value: dismiss, writable: true, enumerable: true, configurable: true });
          }
        })()
        """;

    /// <summary>Whether the page is alive: how many dialogs its document has wanted to show.</summary>
    public const string CountDialogs = "window[Symbol.for('recorder.dialogs')] | 0";

    /// <summary>
    /// The status of HTTP that the document was answered with (Navigation Timing, <c>responseStatus</c>); 0 of what did
    /// not come by HTTP. Known from the answer's first byte on.
    /// </summary>
    public const string Status = "performance.getEntriesByType('navigation')[0]?.responseStatus | 0";

    /// <summary>Done when what is there now has been painted.</summary>
    public const string TwoPaints =
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))";

    /// <summary>The browser's own word on its error page, such as <c>ERR_CONNECTION_REFUSED</c>; it is there some
    /// moments after the page.</summary>
    public const string ErrorWord = """
        new Promise(done => {
          const look = left => {
            const word = document.querySelector('.error-code')?.textContent;
            if (word || left === 0) done(word ?? '');
            else setTimeout(look, 20, left - 1);
          };
          look(100);
        })
        """;
}
