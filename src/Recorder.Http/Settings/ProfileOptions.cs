using System.ComponentModel;

namespace Recorder.Http.Settings;

/// <summary>The profiles of this farm; section <see cref="Section"/> of the configuration.</summary>
[Description("Profiles: how one kind of meeting is entered, seen and left.")]
public sealed class ProfileOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Profiles";

    /// <summary>The folder of the farm's own profiles; empty: there are none.</summary>
    [Description(
        "The folder of this farm's own profiles, a file NAME.json for each. A file takes the place of the shipped profile of "
            + "its name. The node reads changed files within seconds. Empty: only the shipped profiles."
    )]
    public string Folder { get; set; } = "";
}
