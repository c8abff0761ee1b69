using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>
/// A fresh profile with the preferences that no switch sets. The browser itself refuses the page's requests, without a
/// dialog, a bubble or a picker over the page. The names are those of Chromium's <c>pref_names.h</c>.
/// </summary>
internal static class BrowserProfile
{
    /// <summary>
    /// The preferences of the profile. The value 2 is "block" (<c>ContentSetting</c> in <c>content_settings.mojom</c>).
    /// <c>https_…</c> would put a warning before a page without encryption. The value 3 forbids every download
    /// (<c>DownloadPrefs::DownloadRestriction</c>).
    /// </summary>
    private const string Preferences = """
        {
          "translate": { "enabled": false },
          "credentials_enable_service": false,
          "autofill": { "profile_enabled": false, "credit_card_enabled": false },
          "payments": { "can_make_payment_enabled": false },
          "printing": { "enabled": false },
          "hardware": { "screen_capture_enabled": false },
          "https_only_mode_enabled": false,
          "https_first_balanced_mode_enabled": false,
          "profile": {
            "password_manager_enabled": false,
            "exit_type": "Normal",
            "mixed_forms_warnings": false,
            "default_content_setting_values": {
              "automatic_downloads": 2, "notifications": 2, "geolocation": 2, "popups": 2, "midi_sysex": 2, "idle_detection": 2, "local_fonts": 2,
              "window_placement": 2, "usb_guard": 2, "hid_guard": 2, "serial_guard": 2, "bluetooth_guard": 2, "bluetooth_scanning": 2,
              "file_system_read_guard": 2, "file_system_write_guard": 2, "federated_identity_api": 2, "protocol_handler": 2
            }
          },
          "custom_handlers": { "enabled": false },
          "download_restrictions": 3,
          "download": { "prompt_for_download": false },
          "download_bubble": { "partial_view_enabled": false },
          "browser": { "has_seen_welcome_page": true }
        }
        """;

    /// <summary>The beginning of the names of profile folders; a number follows.</summary>
    public const string Name = "profile";

    /// <summary>The most connections to one proxy that Chromium takes.</summary>
    private const int MostConnections = 99;

    /// <summary>Makes a profile in a run directory, or finds the existing profile, and returns its folder.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="number">The profile's number.</param>
    /// <param name="page">The page to show.</param>
    /// <param name="authenticates">Whether the browser has a user and a password for the page's origin.</param>
    /// <param name="authorities">Trusted certificate authorities besides the browser's own: DER in base64.</param>
    public static string Create(
        RunDirectory run,
        int number,
        Uri page,
        bool authenticates,
        ImmutableArray<string> authorities
    ) =>
        run.CreateFolder(
            string.Create(CultureInfo.InvariantCulture, $"{Name}{number}"),
            new RunFile(Path.Combine("Default", "Preferences"), Encoding.UTF8.GetBytes(PreferencesFor(authorities))),
            new RunFile("Local State", Encoding.UTF8.GetBytes(LocalStateFor(page, authenticates)))
        );

    /// <summary>The profile's preferences.</summary>
    internal static string PreferencesFor(ImmutableArray<string> authorities)
    {
        var preferences = JsonNode.Parse(Preferences)!;
        preferences["certificates"] = new JsonObject
        {
            ["ca_certificates"] = new JsonArray([.. authorities.Select(der => JsonValue.Create(der))]),
        };
        return preferences.ToJsonString();
    }

    /// <summary>
    /// The preferences of the whole browser. No method of HTTP authentication is allowed. A page receives the answer
    /// 401 itself, and no dialog asks for a name and a password. The exception is the page's own server, if the
    /// session has a name and a password for that.
    /// </summary>
    internal static string LocalStateFor(Uri page, bool authenticates)
    {
        var host = page.HostNameType == UriHostNameType.IPv6 ? $"[{page.IdnHost}]" : page.IdnHost;
        JsonArray excepted =
            authenticates
                ? [$"{page.Scheme}://{host}:{page.Port.ToString(CultureInfo.InvariantCulture)}"]
                : [];
        return new JsonObject
        {
            // Everything goes by one proxy, to which Chromium otherwise makes 32 connections at most.
            ["net"] = new JsonObject { ["max_connections_per_proxy"] = MostConnections },
            ["auth"] = new JsonObject { ["schemes"] = "", ["http_auth_allowed_for_origins"] = excepted },
        }.ToJsonString();
    }
}
