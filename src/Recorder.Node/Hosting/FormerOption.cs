namespace Recorder.Node.Hosting;

/// <summary>
/// A key that an option had in an earlier version. Every source may still set it, and the node then says what it is called now.
/// </summary>
/// <param name="Key">The earlier key below the section <c>Recorder</c>.</param>
/// <param name="Now">The option's key in this version.</param>
internal sealed record FormerOption(string Key, string Now)
{
    /// <summary>All earlier keys.</summary>
    public static IReadOnlyList<FormerOption> All { get; } = [new("Placement:SlotPool", "Placement:Shards")];

    /// <summary>The option under its earlier key, with the names that the command line and the environment had for it.</summary>
    public OptionKey Option => RecorderSettings.Options.First(option => option.Key == Now) with { Key = Key };

    /// <summary>The earlier key that this is, or null.</summary>
    public static FormerOption? Find(string key) => All.FirstOrDefault(former => former.Key.Equals(key, StringComparison.OrdinalIgnoreCase));
}
