using System.Runtime.CompilerServices;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>
/// What leaves a process in one protocol: a line for each wire name with its shape (<see cref="WireShapes"/>), kept for
/// ever once a release speaks the protocol. The file of an unreleased protocol is written anew by running the tests
/// with <c>RECORDER_WRITE_GOLDEN=1</c>.
/// </summary>
/// <param name="Protocol">The protocol, from 1.</param>
/// <param name="Released">Whether a release speaks the protocol. The release sets this in the file.</param>
/// <param name="Lines">The lines, by name.</param>
internal sealed record ProtocolFile(int Protocol, bool Released, IReadOnlyList<string> Lines)
{
    private const string ReleasedLine = "# released: yes";
    private const string OpenLine = "# released: no";

    public static bool Exists(int protocol) => File.Exists(PathOf(BuiltFolder, protocol));

    public static ProtocolFile Read(int protocol)
    {
        var lines = File.ReadAllLines(PathOf(BuiltFolder, protocol));
        return new ProtocolFile(protocol, lines[0] == ReleasedLine, [.. lines.Skip(1)]);
    }

    /// <summary>Writes the file of a protocol that no release speaks, when asked to.</summary>
    public static void WriteIfAsked(int protocol, IReadOnlyList<string> lines)
    {
        if (
            Environment.GetEnvironmentVariable("RECORDER_WRITE_GOLDEN") == "1"
            && !(Exists(protocol) && Read(protocol).Released)
        )
        {
            foreach (var folder in new[] { SourceFolder(), BuiltFolder })
            {
                Directory.CreateDirectory(folder);
                File.WriteAllLines(PathOf(folder, protocol), [OpenLine, .. lines]);
            }
        }
    }

    /// <summary>The wire names of the protocol.</summary>
    public IEnumerable<string> Names => Lines.Select(NameOf);

    /// <summary>What to do when the wire of a build is not that of the file; null when it is. Pure.</summary>
    /// <param name="lines">The lines of the build.</param>
    public string? Problem(IReadOnlyList<string> lines)
    {
        var changed = lines
            .Except(Lines)
            .Concat(Lines.Except(lines))
            .Select(NameOf)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        const string write =
            "Then run the tests of this class with RECORDER_WRITE_GOLDEN=1, and check the file of the protocol in.";
        return changed.Count == 0 ? null
            : $"The wire of protocol {Protocol} has changed in {string.Join(", ", changed)}. "
                + (
                    Released
                        ? $"A release speaks protocol {Protocol}, so that protocol stays as it is. Let WireProtocol.OfTheseSources speak {Protocol + 1}. "
                            + $"Mark a new wire name with [Wire(…, Since = {Protocol + 1})]. Let a message name {Protocol + 1} in NeedsProtocol while a field is set that older nodes must not pass over. "
                            + $"Let the writers of both ask the ProtocolGate, and write the older form while the gate is closed. {write}"
                        : $"No release speaks protocol {Protocol} yet, so the change belongs to that protocol. {write}"
                );
    }

    private static string BuiltFolder => Path.Join(AppContext.BaseDirectory, "Serialization", "Protocols");

    private static string NameOf(string line) => line.Split(' ')[0];

    private static string SourceFolder([CallerFilePath] string thisFile = "") =>
        Path.Join(Path.GetDirectoryName(thisFile), "Protocols");

    private static string PathOf(string folder, int protocol) =>
        Path.Join(
            folder,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"protocol-{protocol}.txt")
        );
}
