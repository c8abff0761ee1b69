using System.Globalization;
using System.Text;

using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>A fresh profile with the preferences that no switch sets.</summary>
internal static class BrowserProfile
{
    /// <summary>No offers to translate, save or fill; downloads are put aside without a question and without a bubble.</summary>
    private const string Preferences =
        """
        {
          "translate": { "enabled": false },
          "credentials_enable_service": false,
          "autofill": { "profile_enabled": false, "credit_card_enabled": false },
          "profile": {
            "password_manager_enabled": false,
            "exit_type": "Normal",
            "default_content_setting_values": { "automatic_downloads": 2, "notifications": 2, "geolocation": 2, "popups": 2 }
          },
          "download": { "prompt_for_download": false },
          "download_bubble": { "partial_view_enabled": false },
          "browser": { "has_seen_welcome_page": true }
        }
        """;

    /// <summary>Makes a profile in a run directory, or finds the one made before, and gives back its folder.</summary>
    public static string Create(RunDirectory run, int number) =>
        run.CreateFolder(
            string.Create(CultureInfo.InvariantCulture, $"profile{number}"), Path.Combine("Default", "Preferences"), Encoding.UTF8.GetBytes(Preferences));
}
