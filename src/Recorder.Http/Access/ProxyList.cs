using System.Net;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>Reads the proxies in front of this node. Pure.</summary>
internal static class ProxyList
{
    /// <summary>Reads <see cref="HttpOptions.Proxies"/>. Mistakes come back as sentences.</summary>
    /// <param name="texts">Addresses and ranges.</param>
    /// <param name="problems">Receives the sentences.</param>
    /// <returns>The ranges; an address is a range of one.</returns>
    public static IReadOnlyList<IPNetwork> Read(IEnumerable<string> texts, ICollection<string> problems)
    {
        var ranges = new List<IPNetwork>();
        foreach (var (text, index) in texts.Select((text, index) => (text, index)))
        {
            if (RangeOf(text.Trim()) is not { } range)
            {
                problems.Add(
                    $"{HttpOptions.Section}:Proxies:{index} is \"{text}\", which is no address and no range; write it like 127.0.0.1 or 10.1.0.0/16."
                );
            }
            else if (range.PrefixLength == 0)
            {
                problems.Add(
                    $"{HttpOptions.Section}:Proxies:{index} is \"{text}\", which is every machine: any caller could claim any address. Name the proxies alone."
                );
            }
            else
            {
                ranges.Add(range);
            }
        }
        return ranges;
    }

    private static IPNetwork? RangeOf(string text)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return new IPNetwork(plain, plain.GetAddressBytes().Length * 8);
        }
        return IPNetwork.TryParse(text, out var range) ? range : null;
    }
}
