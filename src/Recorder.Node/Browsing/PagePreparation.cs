using System.Collections.Immutable;
using System.Text.Json;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Browsing;

/// <summary>The settings of a page together with the secrets that they name. Lives as long as one browser, and is never
/// shown.</summary>
internal sealed class PagePreparation
{
    /// <summary>The world of the scripts that no script of the page can see.</summary>
    public const string World = "recorder";

    private readonly ImmutableDictionary<string, string> _secrets;
    private readonly SecretFiles _files;

    private PagePreparation(
        Uri page,
        PageSettings settings,
        ImmutableDictionary<string, string> secrets,
        SecretFiles files
    )
    {
        Page = page;
        Settings = settings;
        _secrets = secrets;
        _files = files;
        foreach (var text in settings.OfOwnOrigin)
        {
            Guard(text, page.IdnHost);
            if (text.Secret is { } name && secrets[name].Any(char.IsControl))
            {
                throw new JoinFailedException(
                    $"The secret {name} has more than one line, or another control character, and a header, a cookie or a password has one line."
                );
            }
        }
        foreach (var entry in settings.LocalStorage)
        {
            Guard(entry.Value, new Uri(entry.Origin).IdnHost);
        }
    }

    /// <summary>The page.</summary>
    public Uri Page { get; }

    /// <summary>The settings.</summary>
    public PageSettings Settings { get; }

    /// <summary>The page's own origin, as a browser writes an origin.</summary>
    public string Origin => OriginOf(Page);

    /// <summary>The address to open. A name and a password in the address would stay in the address of the document,
    /// and a page cannot fetch anything relative to such an address.</summary>
    public Uri Address
    {
        get
        {
            if (Page.UserInfo.Length == 0)
            {
                return Page;
            }
            var text = Page.OriginalString;
            var from = text.IndexOf("://", StringComparison.Ordinal) + 3;
            var end = text.IndexOfAny(['/', '?', '#'], from);
            var at = text.LastIndexOf('@', end < 0 ? text.Length - 1 : end);
            return new Uri(text.Remove(from, at + 1 - from));
        }
    }

    /// <summary>The user and the password for the page's own origin, from the settings or from the address; null:
    /// none.</summary>
    public (string User, string Password)? Credentials
    {
        get
        {
            if (Settings.BasicAuth is { } auth)
            {
                return (TextOf(auth.User), TextOf(auth.Password));
            }
            if (Page.UserInfo.Length == 0)
            {
                return null;
            }
            var parts = Page.UserInfo.Split(':', 2);
            return (Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }

    /// <summary>Reads the secrets that the settings name.</summary>
    /// <param name="page">The page.</param>
    /// <param name="settings">The settings; null: none.</param>
    /// <param name="secrets">The secrets of this node.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="JoinFailedException">A secret cannot be read, or is not for the page.</exception>
    public static async Task<PagePreparation> ReadAsync(
        Uri page,
        PageSettings? settings,
        SecretFiles secrets,
        CancellationToken cancellation
    )
    {
        var read = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var name in settings?.Secrets ?? [])
        {
            try
            {
                read[name] = await secrets.ReadAsync(name, cancellation);
            }
            catch (IOException error)
            {
                throw new JoinFailedException(error.Message);
            }
        }
        return new PagePreparation(page, settings ?? new PageSettings(), read.ToImmutable(), secrets);
    }

    /// <summary>The same settings for another address.</summary>
    /// <param name="page">The address.</param>
    /// <exception cref="JoinFailedException">A secret is not for the page.</exception>
    public PagePreparation For(Uri page) => new(page, Settings, _secrets, _files);

    /// <summary>The same page with another style sheet or layout. Both name no secrets.</summary>
    /// <param name="settings">The settings.</param>
    public PagePreparation With(PageSettings settings) => new(Page, settings, _secrets, _files);

    /// <summary>Refuses to give a secret to a page that may not have the secret.</summary>
    /// <param name="text">The text or secret; null: nothing.</param>
    /// <param name="host">The host of the page.</param>
    /// <exception cref="JoinFailedException">The secret is not for the host.</exception>
    public void Guard(PageText? text, string host)
    {
        if (text?.Secret is { } name && !_files.IsFor(name, host))
        {
            throw new JoinFailedException(
                $"The secret {name} is not for pages of {(host.Length == 0 ? "this kind" : host)}; the hosts that may get the secret are in Secrets:{name}:Hosts."
            );
        }
    }

    /// <summary>The text, or the secret in its place.</summary>
    /// <param name="text">The text.</param>
    public string TextOf(PageText text) => text.Secret is { } name ? _secrets[name] : text.Text ?? "";

    /// <summary>The origin of an address, as a browser writes an origin.</summary>
    /// <param name="address">The address.</param>
    public static string OriginOf(Uri address) =>
        address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped).ToLowerInvariant();

    /// <summary>
    /// The script that fills local storages, each at the first document of its origin; null without entries. What the
    /// page has changed since stays.
    /// </summary>
    public string? StorageScript()
    {
        if (Settings.LocalStorage.IsEmpty)
        {
            return null;
        }
        var entries = Settings
            .LocalStorage.GroupBy(entry => entry.Origin)
            .ToDictionary(
                origin => origin.Key,
                origin => origin.ToDictionary(entry => entry.Key, entry => TextOf(entry.Value))
            );
        return $$"""
            (all => {
              const mine = all[location.origin];
              if (!mine) return;
              try {
                for (const [key, value] of Object.entries(mine)) {
                  if (localStorage.getItem(key) === null) localStorage.setItem(key, value);
                }
              } catch { /* A document without storage. */ }
            })({{JsonSerializer.Serialize(entries)}})
            """;
    }

    /// <summary>The script that adds the caller's style sheet to a document, or takes another in its place.</summary>
    /// <param name="css">The style sheet; empty takes the sheet away.</param>
    public static string StyleScript(string css) =>
        $$"""
        (css => {
          const key = Symbol.for('recorder.css');
          const sheet = document[key] ?? new CSSStyleSheet();
          sheet.replaceSync(css);
          if (document[key] === undefined) {
            Object.defineProperty(document, key, { value: sheet });
            document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
          }
        })({{JsonSerializer.Serialize(css)}})
        """;

    /// <summary>The caller's script as it runs before those of the page, in the outermost document only. What it throws
    /// is kept, so that the caller can be told.</summary>
    /// <param name="script">The script.</param>
    public static string CallersScript(string script) =>
        $$"""
        if (window === top) {
          try {
            (() => {
        {{script}}
            })();
          } catch (error) {
            Object.defineProperty(window, Symbol.for('recorder.failed'), { value: String(error?.message ?? error) });
          }
        }
        """;

    /// <summary>A layout's script, whose promises are waited for and whose answer is not told.</summary>
    /// <param name="script">The script.</param>
    public static string LayoutScript(string script) =>
        $$"""
        (async () => {
        {{script}}
        })().then(() => undefined)
        """;

    /// <summary>What the caller's script has thrown in the present document; empty when it threw nothing.</summary>
    public const string FailureOfScript = "window[Symbol.for('recorder.failed')] ?? ''";
}

/// <summary>A page cannot be entered; the message is a sentence for people.</summary>
internal sealed class JoinFailedException(string message) : Exception(message);
