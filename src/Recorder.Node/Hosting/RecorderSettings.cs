using Recorder.Cluster.Hosting;

namespace Recorder.Node.Hosting;

/// <summary>Everything that can be set about a node, bound from the section <c>Recorder</c>.</summary>
internal sealed class RecorderSettings
{
    /// <summary>The one section all options are in.</summary>
    public const string Section = "Recorder";

    /// <summary>The node as a process.</summary>
    public NodeOptions Node { get; } = new();

    /// <summary>The cluster side.</summary>
    public RecorderClusterOptions Cluster { get; } = new();

    /// <summary>Every option there is, in the order of the classes.</summary>
    public static IReadOnlyList<OptionKey> Options { get; } = [.. Roots(new RecorderSettings()).SelectMany(root => OptionKey.Under(root.Prefix, root.Options.GetType(), root.Options))];

    /// <summary>Binds the section of a configuration that <see cref="OptionChecks"/> has found in order.</summary>
    public static RecorderSettings Bind(IConfiguration configuration)
    {
        var settings = new RecorderSettings();
        var section = configuration.GetSection(Section);
        foreach (var (prefix, options) in Roots(settings))
            (prefix.Length == 0 ? section : section.GetSection(prefix)).Bind(options);
        return settings;
    }

    private static IEnumerable<(string Prefix, object Options)> Roots(RecorderSettings settings) =>
        [("", settings.Node), ("", settings.Cluster)];
}
