using System.Collections.Immutable;
using Akka.Actor;

namespace Recorder.Cluster.Farm;

/// <summary>The seed nodes of a farm, as a person writes them: <c>host:port</c>, or Akka's full address.</summary>
public static class SeedNodeList
{
    private const string Protocol = "akka.tcp";

    /// <summary>Reads addresses separated by commas.</summary>
    /// <param name="text">The text, such as <c>10.0.0.1:34569, 10.0.0.2:34569</c>.</param>
    /// <param name="problems">The problems of the text, in sentences.</param>
    public static ImmutableList<Address> Read(string text, out ImmutableList<string> problems)
    {
        ArgumentNullException.ThrowIfNull(text);
        var read = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(entry => (Entry: entry, Address: ReadOne(entry)))
            .ToList();
        problems =
        [
            .. read.Where(one => one.Address is null)
                .Select(one =>
                    $"The seed node \"{one.Entry}\" is no address; write host:port, such as 10.0.0.1:34569, and several parted by commas."
                ),
        ];
        return [.. read.Where(one => one.Address is not null).Select(one => one.Address!)];
    }

    /// <summary>An address as <c>host:port</c>.</summary>
    public static string Write(Address address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return $"{address.Host}:{address.Port}";
    }

    private static Address? ReadOne(string entry)
    {
        const string prefix = $"{Protocol}://{FarmNames.SystemName}@";
        var place = entry.StartsWith(prefix, StringComparison.Ordinal) ? entry[prefix.Length..] : entry;
        var colon = place.LastIndexOf(':');
        return
            colon > 0
            && Uri.CheckHostName(place[..colon]) != UriHostNameType.Unknown
            && ushort.TryParse(
                place[(colon + 1)..],
                System.Globalization.NumberStyles.None,
                System.Globalization.CultureInfo.InvariantCulture,
                out var port
            )
            && port > 0
            ? new Address(Protocol, FarmNames.SystemName, place[..colon], port)
            : null;
    }
}
