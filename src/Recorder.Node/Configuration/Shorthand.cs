using System.Globalization;

namespace Recorder.Node.Configuration;

/// <summary>A short name for an option with a longer name, or for a part of such an option.</summary>
/// <param name="Name">The shorthand's name, which is no configuration key: <c>bind</c> is <c>--bind</c> and
/// <c>RECORDER_BIND</c>.</param>
/// <param name="Key">The option that the shorthand sets.</param>
/// <param name="Argument">The name of the shorthand's argument in help texts.</param>
/// <param name="Comment">What the shorthand does, as one line.</param>
internal sealed record Shorthand(string Name, string Key, string Argument, string Comment)
{
    /// <summary>All shorthands.</summary>
    public static IReadOnlyList<Shorthand> All { get; } =
    [
        new("records", "Media:RecordsFolder", "FOLDER", "The folder that records go to. It is Media:RecordsFolder."),
        new(
            "http-port",
            "Http:Listen",
            "PORT",
            "The port of the HTTP API, 0 to 65535; 0 takes any free one. It replaces the port in Http:Listen."
        ),
        new(
            "bind",
            "Http:Listen",
            "ADDRESS",
            "The address of the HTTP API, such as 0.0.0.0; any but loopback needs API keys. It replaces the host in Http:Listen."
        ),
        new(
            "hostname",
            "Remoting:Hostname",
            "ADDRESS",
            "The address of this machine for other nodes. It is Remoting:Hostname."
        ),
        new(
            "port",
            "Remoting:Port",
            "PORT",
            "The TCP port for other nodes, 0 to 65535; 0: any free one. It is Remoting:Port."
        ),
        new(
            "public-hostname",
            "Remoting:PublicHostname",
            "ADDRESS",
            "The address others reach this node by, where it binds another. It is Remoting:PublicHostname."
        ),
    ];

    /// <summary>The shorthand's name on the command line.</summary>
    public string CommandLineName => "--" + Name;

    /// <summary>The default, in the form that the shorthand accepts.</summary>
    public string Default
    {
        get
        {
            var whole = Option.DefaultText;
            return Name switch
            {
                "http-port" => new Uri(whole).Port.ToString(CultureInfo.InvariantCulture),
                "bind" => new Uri(whole).Host,
                _ => whole,
            };
        }
    }

    /// <summary>The shorthand's name in the environment.</summary>
    public string EnvironmentName => "RECORDER_" + Name.Replace('-', '_').ToUpperInvariant();

    /// <summary>The shorthand with a name; null when there is none.</summary>
    public static Shorthand? Find(string name) => All.FirstOrDefault(shorthand => shorthand.Name == name);

    /// <summary>The shorthand of an environment variable; null when there is none.</summary>
    public static Shorthand? FromEnvironment(string variable) =>
        All.FirstOrDefault(shorthand => shorthand.EnvironmentName.Equals(variable, StringComparison.OrdinalIgnoreCase));

    /// <summary>The option's new value; null, with a sentence about the mistake, when the value is wrong.</summary>
    /// <param name="current">The option's value so far; null for its default.</param>
    /// <param name="value">The shorthand's value.</param>
    /// <param name="problem">The sentence.</param>
    public string? Apply(string? current, string value, out string? problem)
    {
        problem = null;
        if (Key != "Http:Listen")
        {
            return Option.Normalize(value, former: null, $"{CommandLineName} sets {Key}", out problem);
        }

        var listen = current ?? Option.DefaultText;
        if (
            listen.Contains(';', StringComparison.Ordinal)
            || !Uri.TryCreate(
                listen
                    .Replace("//*", "//0.0.0.0", StringComparison.Ordinal)
                    .Replace("//+", "//0.0.0.0", StringComparison.Ordinal),
                UriKind.Absolute,
                out var address
            )
        )
        {
            problem = $"{CommandLineName} changes one address, and {Key} is {listen}; say {Key} itself instead.";
            return null;
        }

        if (Name == "http-port")
        {
            if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65_535)
            {
                return $"{address.Scheme}://{HostOf(address.Host)}:{port}";
            }
            problem = $"{CommandLineName} is \"{value}\"; it must be a port, 0 to 65535.";
            return null;
        }

        if (Uri.CheckHostName(value) != UriHostNameType.Unknown)
        {
            return $"{address.Scheme}://{HostOf(value)}:{address.Port}";
        }
        problem =
            $"{CommandLineName} is \"{value}\"; it must be an address or a host name without a port, such as 0.0.0.0.";
        return null;
    }

    private RecorderOption Option => RecorderSettings.Options.First(option => option.Key == Key);

    private static string HostOf(string host) =>
        host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;
}
