namespace Recorder.Node.Browsing;

/// <summary>The scripts that run in a page.</summary>
internal static class PageScripts
{
    /// <summary>
    /// Answers the page's dialogs before the browser makes a window of them, with the answer of a dismissed dialog. A
    /// dialog that DevTools answers has been on the display for some frames. The script counts dialogs at the outermost
    /// window. Frames of another origin may not show dialogs at all.
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

    /// <summary>Asks whether the page is alive; the answer is how many dialogs its document has wanted to
    /// show.</summary>
    public const string CountDialogs = "window[Symbol.for('recorder.dialogs')] | 0";

    /// <summary>
    /// The HTTP status with which the document was answered (Navigation Timing, <c>responseStatus</c>); 0 when the
    /// document did not come by HTTP. The status is known from the answer's first byte on.
    /// </summary>
    public const string Status = "performance.getEntriesByType('navigation')[0]?.responseStatus | 0";

    /// <summary>Completes when the present content has been painted.</summary>
    public const string TwoPaints =
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))";

    /// <summary>The browser's error name on its error page, such as <c>ERR_CONNECTION_REFUSED</c>. The name appears
    /// some moments after the page.</summary>
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
