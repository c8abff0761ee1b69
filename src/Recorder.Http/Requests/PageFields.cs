using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Reads how a page is entered and shown: <c>page</c> of a start. Pure.</summary>
internal static partial class PageFields
{
    /// <summary>The field of a start and of a change.</summary>
    public const string Page = "page";

    public const string Headers = "headers";
    public const string Cookies = "cookies";
    public const string LocalStorage = "local_storage";
    public const string BasicAuth = "basic_auth";
    public const string UserAgent = "user_agent";
    public const string Locale = "locale";
    public const string TimeZone = "timezone";
    public const string Scale = "scale";
    public const string Css = "css";
    public const string Script = "script";
    public const string IgnoreTlsErrorsFor = "ignore_tls_errors_for";
    public const string Steps = "steps";
    public const string User = "username";
    public const string Password = "password";
    public const string Secret = "secret";

    /// <summary>The colours that the page is asked for.</summary>
    public static readonly ChoiceField<PageColorScheme> ColorScheme = new(
        "color_scheme",
        "The colours that the page is asked for.",
        PageColorScheme.Light
    );

    /// <summary>Which camera and microphone the page gets.</summary>
    public static readonly ChoiceField<PageDevices> Devices = new(
        "devices",
        "Which camera and microphone the page gets: none, a black camera with a silent microphone, or the microphone only.",
        PageDevices.None
    );

    /// <summary>Whether a cookie goes along with requests of other sites.</summary>
    public static readonly ChoiceField<PageSameSite> SameSite = new(
        "same_site",
        "Whether the cookie goes along with requests of other sites.",
        PageSameSite.Lax
    );

    /// <summary>The layouts that the page can be given.</summary>
    public const string Layouts = "layouts";

    /// <summary>The layout that the page is given.</summary>
    public const string Layout = "layout";

    public static readonly IReadOnlyList<string> Names =
    [
        ProfileRequest.ProfileName,
        Layouts,
        Layout,
        Headers,
        Cookies,
        LocalStorage,
        BasicAuth,
        UserAgent,
        Locale,
        TimeZone,
        ColorScheme.Name,
        Scale,
        Css,
        Script,
        Devices.Name,
        IgnoreTlsErrorsFor,
        Steps,
    ];

    public static readonly IReadOnlyList<string> CookieNames =
    [
        "name",
        "value",
        "domain",
        "path",
        "secure",
        "http_only",
        SameSite.Name,
    ];

    private static readonly string[] CredentialNames = [User, Password];

    private static readonly string[] ChangeNames = [StartFields.Uri, Css, Layout];

    private static readonly string[] LayoutNames = [Css, Script];

    private static readonly string[] SecretNames = [Secret];

    private const int LongestName = 256;

    /// <summary>The characters that no value of a cookie has (RFC 6265).</summary>
    private static readonly SearchValues<char> NotInCookies = SearchValues.Create(";, \t\"\\");

    /// <summary>The names that a browser sets itself (Fetch, forbidden request-header), and those that have a field of
    /// their own.</summary>
    private static readonly HashSet<string> Forbidden = new(StringComparer.OrdinalIgnoreCase)
    {
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "access-control-request-private-network",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "if-none-match",
        "if-modified-since",
        "keep-alive",
        "origin",
        "range",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
    };

    /// <summary>Reads the settings; null without settings.</summary>
    /// <param name="data">The fields of the start.</param>
    /// <param name="page">The page of the start; null when that is refused.</param>
    /// <param name="secrets">The secrets that may be named.</param>
    public static PageSettings? Read(JsonFields data, Uri? page, SecretFiles secrets)
    {
        if (data.OptionalObject(Page) is not { } fields)
        {
            return null;
        }
        fields.Allow(Names);
        var read = new PageSettings
        {
            Headers = HeadersIn(fields, secrets),
            Cookies = CookiesIn(fields, page, secrets),
            LocalStorage = StorageIn(fields, secrets),
            BasicAuth = CredentialsIn(fields, page, secrets),
            UserAgent = Line(fields, UserAgent, LongestName * 2),
            Locale = LocaleIn(fields),
            TimeZone = TimeZoneIn(fields),
            ColorScheme = fields.Has(ColorScheme.Name) ? fields.Choice(ColorScheme) : null,
            Scale = ScaleIn(fields),
            Css = fields.Text(Css, SpecLimits.MaximumStyleLength, required: false),
            Script = fields.Text(Script, SpecLimits.MaximumScriptLength, required: false),
            Devices = fields.Choice(Devices),
            IgnoreTlsErrorsFor = HostsIn(fields),
            Steps = PageStepFields.Read(fields, secrets),
            Profile = fields.Text(ProfileRequest.ProfileName, LongestName, required: false),
            Layouts = LayoutsIn(fields),
            Layout = fields.Text(Layout, LongestName, required: false),
        };
        if (read is { Layout: { } layout, PresentLayout: null })
        {
            fields.Refuse(Layout, NoLayout(fields.Path(Layout), layout, read.Layouts));
        }
        if (
            page is not null
            && read.OfOwnOrigin.FirstOrDefault(text => text.Secret is { } name && !secrets.IsFor(name, page.IdnHost))
                is { Secret: { } refused }
        )
        {
            data.Refuse(
                Page,
                NotForPage(data.Path(Page), refused, page)
            );
        }
        return read == new PageSettings() ? null : read;
    }

    /// <summary>Why a page does not get a secret, as a sentence.</summary>
    /// <param name="field">The field that says so.</param>
    /// <param name="secret">The name of the secret.</param>
    /// <param name="page">The page.</param>
    public static string NotForPage(string field, string secret, Uri page) =>
        $"{field} would give the secret {secret} to a page of {page.IdnHost}; the hosts that may get the secret are in Secrets:{secret}:Hosts.";

    /// <summary>Reads what the page of a running session shows from now on; null when the body changes nothing of
    /// it.</summary>
    /// <param name="body">The fields of the change.</param>
    public static PageChange? ReadChange(JsonFields body)
    {
        if (body.OptionalObject(Page) is not { } fields)
        {
            return null;
        }
        fields.Allow(ChangeNames);
        Uri? address = null;
        if (
            fields.Text(StartFields.Uri, SpecLimits.MaximumUriLength, required: false) is { } text
            && !WebAddress.TryParse(text, WebAddress.PageSchemes, out address, out var reason)
        )
        {
            fields.Refuse(StartFields.Uri, $"{fields.Path(StartFields.Uri)} {reason}");
        }
        var css = fields.Text(Css, SpecLimits.MaximumStyleLength, required: false);
        var layout = fields.Text(Layout, LongestName, required: false);
        if (!ChangeNames.Any(fields.Has))
        {
            fields.Refuse(
                Css,
                $"{fields.Path(StartFields.Uri)}, {fields.Path(Css)} and {fields.Path(Layout)} are missing; give one of them."
            );
        }
        return new PageChange
        {
            Page = address,
            Css = css,
            Layout = layout,
        };
    }

    /// <summary>Reads a text, or the name of a secret in its place; null, and refused, for anything else.</summary>
    /// <param name="fields">The object that holds the field.</param>
    /// <param name="name">The field.</param>
    /// <param name="secrets">The secrets that may be named.</param>
    public static PageText? TextOrSecret(JsonFields fields, string name, SecretFiles secrets)
    {
        if (fields.Kind(name) != JsonValueKind.Object)
        {
            return fields.Text(name, SpecLimits.MaximumValueLength, required: true) is { } text
                ? PageText.Of(text)
                : null;
        }
        var inner = fields.OptionalObject(name)!;
        inner.Allow(SecretNames);
        if (inner.Text(Secret, SecretFiles.LongestName, required: true) is not { } secret)
        {
            return null;
        }
        if (secrets.Has(secret))
        {
            return new PageText { Secret = secret };
        }
        var known = secrets.Names.Count == 0 ? "this farm has none" : $"this farm has {string.Join(", ", secrets.Names)}";
        inner.Refuse(
            Secret,
            $"{inner.Path(Secret)} names \"{Redaction.Line(secret, 64)}\", which is no secret; {known}. The file of a secret is given by Secrets:NAME:File."
        );
        return null;
    }

    /// <summary>Why a page does not get a layout, as a sentence.</summary>
    /// <param name="field">The field that names the layout.</param>
    /// <param name="layout">The name.</param>
    /// <param name="layouts">The layouts of the page.</param>
    public static string NoLayout(string field, string layout, ImmutableList<PageLayout>? layouts) =>
        layouts is null
            ? $"{field} is \"{Redaction.Line(layout, 64)}\", and the page has no layouts; data.page.layouts of the start has them, or the profile."
            : $"{field} is \"{Redaction.Line(layout, 64)}\"; the page has the layouts {string.Join(", ", layouts.Select(known => known.Name))}.";

    private static ImmutableList<PageLayout>? LayoutsIn(JsonFields fields)
    {
        if (Entries(fields, Layouts, SpecLimits.MaximumLayouts) is not { } given)
        {
            return null;
        }
        var layouts = ImmutableList.CreateBuilder<PageLayout>();
        foreach (var name in given.Names.Order(StringComparer.Ordinal))
        {
            var shown = Redaction.Line(name, 80);
            if (!IsToken(name) || name.Length > LongestName)
            {
                given.Refuse(shown, $"\"{shown}\" is no name of a layout; a name has letters, digits and hyphens.");
            }
            else if (given.OptionalObject(name) is { } layout)
            {
                layout.Allow(LayoutNames);
                var css = layout.Text(Css, SpecLimits.MaximumStyleLength, required: false);
                var script = layout.Text(Script, SpecLimits.MaximumScriptLength, required: false);
                layouts.Add(new PageLayout(name) { Css = css, Script = script });
            }
        }
        return layouts.Count == 0 ? null : layouts.ToImmutable();
    }

    private static ImmutableList<PageHeader> HeadersIn(JsonFields fields, SecretFiles secrets)
    {
        if (Entries(fields, Headers, SpecLimits.MaximumHeaders) is not { } given)
        {
            return [];
        }
        var headers = ImmutableList.CreateBuilder<PageHeader>();
        foreach (var name in given.Names.Order(StringComparer.Ordinal))
        {
            var shown = Redaction.Line(name, 80);
            if (!IsToken(name))
            {
                given.Refuse(shown, $"\"{shown}\" is no name of a header.");
            }
            else if (
                Forbidden.Contains(name)
                || name.StartsWith("sec-", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("proxy-", StringComparison.OrdinalIgnoreCase)
            )
            {
                given.Refuse(
                    shown,
                    $"{given.Path(shown)} cannot be set: the browser sets this header itself. There are {Cookies}, {UserAgent} and {Locale} for theirs."
                );
            }
            else if (headers.Exists(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                given.Refuse(shown, $"{given.Path(shown)} is given twice, in other letters; give it once.");
            }
            else if (OneLine(given, name, secrets) is { } value)
            {
                headers.Add(new PageHeader(name, value));
            }
        }
        return headers.ToImmutable();
    }

    private static ImmutableList<PageCookie> CookiesIn(JsonFields fields, Uri? page, SecretFiles secrets)
    {
        var cookies = ImmutableList.CreateBuilder<PageCookie>();
        foreach (var given in fields.Objects(Cookies, SpecLimits.MaximumCookies))
        {
            given.Allow(CookieNames);
            var name = given.Text("name", LongestName, required: true);
            var value = OneLine(given, "value", secrets);
            var domain = given.Text("domain", LongestName, required: false)?.TrimStart('.').ToLowerInvariant();
            var secure = given.Flag("secure");
            var path = given.Text("path", 1024, required: false) ?? "/";
            if (name is not null && !IsToken(name))
            {
                given.Refuse("name", $"{given.Path("name")} is no name of a cookie.");
            }
            if (value?.Text is { } text && text.AsSpan().ContainsAny(NotInCookies))
            {
                given.Refuse(
                    "value",
                    $"{given.Path("value")} has a space, a quote, a comma, a semicolon or a backslash, which no cookie has; write %20 and the like."
                );
            }
            if (!path.StartsWith('/') || path.Any(c => char.IsControl(c) || c == ';'))
            {
                given.Refuse("path", $"{given.Path("path")} must begin with /, such as /room.");
            }
            if (page is not null && domain is not null && !IsOf(page.IdnHost, domain))
            {
                given.Refuse(
                    "domain",
                    $"{given.Path("domain")} is not {page.IdnHost} or a domain above it; a page gets no cookies of other sites."
                );
            }
            if (page is { Scheme: "http" } && secure)
            {
                given.Refuse(
                    "secure",
                    $"{given.Path("secure")} is true, and data.uri is http; such a cookie would never be sent."
                );
            }
            if (name is not null && value is not null)
            {
                cookies.Add(
                    new PageCookie(name, value)
                    {
                        Domain = domain,
                        Path = path,
                        Secure = secure,
                        HttpOnly = given.Flag("http_only"),
                        SameSite = given.Has(SameSite.Name) ? given.Choice(SameSite) : null,
                    }
                );
            }
        }
        return cookies.ToImmutable();
    }

    private static ImmutableList<PageStorage> StorageIn(JsonFields fields, SecretFiles secrets)
    {
        if (Entries(fields, LocalStorage, SpecLimits.MaximumUntrustedHosts) is not { } origins)
        {
            return [];
        }
        var entries = ImmutableList.CreateBuilder<PageStorage>();
        foreach (var name in origins.Names.Order(StringComparer.Ordinal))
        {
            var shown = Redaction.Line(name, 120);
            if (OriginOf(name) is not { } origin)
            {
                origins.Refuse(shown, $"\"{shown}\" is no origin; write https://host, or https://host:port.");
            }
            else if (origins.OptionalObject(name) is { } given)
            {
                foreach (var key in given.Names.Order(StringComparer.Ordinal))
                {
                    if (TextOrSecret(given, key, secrets) is { } value)
                    {
                        entries.Add(new PageStorage(origin, key, value));
                    }
                }
            }
        }
        if (entries.Count > SpecLimits.MaximumStorage)
        {
            fields.Refuse(
                LocalStorage,
                $"{fields.Path(LocalStorage)} has {entries.Count} entries; it may have at most {SpecLimits.MaximumStorage}."
            );
        }
        return entries.ToImmutable();
    }

    private static PageCredentials? CredentialsIn(JsonFields fields, Uri? page, SecretFiles secrets)
    {
        if (fields.OptionalObject(BasicAuth) is not { } given)
        {
            return null;
        }
        given.Allow(CredentialNames);
        if (page?.UserInfo.Length > 0)
        {
            fields.Refuse(
                BasicAuth,
                $"{fields.Path(BasicAuth)} is given, and so are a name and a password in data.uri; give one of both."
            );
        }
        return TextOrSecret(given, User, secrets) is { } user && TextOrSecret(given, Password, secrets) is { } password
            ? new PageCredentials(user, password)
            : null;
    }

    private static string? LocaleIn(JsonFields fields)
    {
        var text = fields.Text(Locale, 35, required: false);
        if (text is not null && !Language().IsMatch(text))
        {
            fields.Refuse(Locale, $"{fields.Path(Locale)} must be a language such as de-DE or nb.");
        }
        return text;
    }

    private static string? TimeZoneIn(JsonFields fields)
    {
        var text = fields.Text(TimeZone, 64, required: false);
        if (text is null)
        {
            return null;
        }
        // The name becomes a path of the zones' files.
        if (!Zone().IsMatch(text) || !TimeZoneInfo.TryFindSystemTimeZoneById(text, out _))
        {
            fields.Refuse(
                TimeZone,
                $"{fields.Path(TimeZone)} is \"{Redaction.Line(text, 64)}\", and there is no such time zone; write its IANA name, such as Europe/Oslo."
            );
            return null;
        }
        return text;
    }

    private static double? ScaleIn(JsonFields fields)
    {
        if (!fields.Has(Scale))
        {
            return null;
        }
        var scale = fields.Kind(Scale) == JsonValueKind.Number ? fields.Number(Scale) : double.NaN;
        if (scale is >= SpecLimits.MinimumScale and <= SpecLimits.MaximumScale)
        {
            return scale;
        }
        fields.Refuse(
            Scale,
            FormattableString.Invariant(
                $"{fields.Path(Scale)} must be a number from {SpecLimits.MinimumScale} to {SpecLimits.MaximumScale}, such as 1.5."
            )
        );
        return null;
    }

    private static ImmutableList<string> HostsIn(JsonFields fields)
    {
        var hosts = ImmutableList.CreateBuilder<string>();
        var given = fields.Texts(IgnoreTlsErrorsFor, LongestName, SpecLimits.MaximumUntrustedHosts);
        foreach (var (text, index) in given.Select((text, index) => (text, index)))
        {
            if (text is null)
            {
                continue;
            }
            if (!text.Contains('/', StringComparison.Ordinal) && OriginOf("https://" + text) is { } origin)
            {
                var host = new Uri(origin);
                hosts.Add(FormattableString.Invariant($"{host.IdnHost}:{host.Port}"));
                continue;
            }
            var at = JsonFields.Item(IgnoreTlsErrorsFor, index);
            fields.Refuse(at, $"{fields.Path(at)} must be a host, such as meet.example.org, or a host with its port.");
        }
        return hosts.ToImmutable();
    }

    private static JsonFields? Entries(JsonFields fields, string name, int most)
    {
        if (fields.OptionalObject(name) is not { } given)
        {
            return null;
        }
        if (given.Names.Count <= most)
        {
            return given;
        }
        fields.Refuse(name, $"{fields.Path(name)} has {given.Names.Count} entries; it may have at most {most}.");
        return null;
    }

    private static PageText? OneLine(JsonFields fields, string name, SecretFiles secrets)
    {
        var read = TextOrSecret(fields, name, secrets);
        if (read?.Text?.Any(char.IsControl) == true)
        {
            fields.Refuse(name, $"{fields.Path(name)} holds a control character; it is one line of text.");
            return null;
        }
        return read;
    }

    private static string? Line(JsonFields fields, string name, int limit)
    {
        var text = fields.Text(name, limit, required: false);
        if (text is not null && (string.IsNullOrWhiteSpace(text) || text.Any(c => c is < ' ' or > '~')))
        {
            fields.Refuse(name, $"{fields.Path(name)} must be one line of ASCII text.");
        }
        return text;
    }

    private static bool IsOf(string host, string domain) =>
        host.Equals(domain, StringComparison.OrdinalIgnoreCase)
        || (
            domain.Contains('.', StringComparison.Ordinal)
            && host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase)
            && Uri.CheckHostName(host) == UriHostNameType.Dns
        );

    private static string? OriginOf(string text) =>
        WebAddress.TryParse(text, WebAddress.PageSchemes, out var address, out _)
        && address is { PathAndQuery: "/", Fragment: "", UserInfo: "" }
        && !text.EndsWith('/')
            ? $"{address.Scheme}://{address.IdnHost}{(address.IsDefaultPort ? "" : ":" + address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture))}"
            : null;

    // RFC 9110, token.
    private static bool IsToken(string text) =>
        text.Length is > 0 and <= LongestName
        && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));

    [GeneratedRegex("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", RegexOptions.CultureInvariant)]
    private static partial Regex Language();

    [GeneratedRegex("^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$", RegexOptions.CultureInvariant)]
    private static partial Regex Zone();
}
