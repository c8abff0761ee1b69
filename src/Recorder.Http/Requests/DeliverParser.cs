using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Reads where the records of a session go: <c>data.deliver</c> of a start. Pure.</summary>
internal static class DeliverParser
{
    /// <summary>The name of the destination.</summary>
    public const string To = "to";

    /// <summary>The template of the names there.</summary>
    public const string Name = "name";

    /// <summary>The files that go there.</summary>
    public const string What = "what";

    /// <summary>The caller's own addresses for the records.</summary>
    public const string Addresses = "addresses";

    /// <summary>The most addresses: a session whose media are started anew has several records.</summary>
    public const int MostAddresses = 16;

    /// <summary>The longest address, in characters. Presigned ones are long.</summary>
    public const int LongestAddress = 2048;

    /// <summary>What becomes of the file on the node afterwards.</summary>
    public const string KeepLocal = "keep_local";

    /// <summary>The word of <see cref="KeepLocal"/> for a file that stays.</summary>
    public const string Keep = "keep";

    /// <summary>Whether the record is sent while it grows.</summary>
    public const string WhileRecording = "while_recording";

    private static readonly string[] Names = [To, Name, What, KeepLocal, WhileRecording, Addresses];

    private static readonly ImmutableDictionary<string, DeliveredFile> Files = ImmutableDictionary.CreateRange(
        StringComparer.Ordinal,
        [KeyValuePair.Create("record", DeliveredFile.Record), KeyValuePair.Create("manifest", DeliveredFile.Manifest)]
    );

    /// <summary>The words of <see cref="What"/>.</summary>
    public static IEnumerable<string> FileWords => Files.Keys.Order(StringComparer.Ordinal);

    /// <summary>Reads the destinations; null when the field is absent.</summary>
    /// <param name="data">The object that holds the field.</param>
    /// <param name="destinations">The destinations that there are.</param>
    public static DeliverySpec? Parse(JsonFields data, DestinationList destinations)
    {
        if (!data.Has(StartFields.Deliver))
        {
            return null;
        }
        var orders = ImmutableList.CreateBuilder<DeliveryOrder>();
        foreach (var fields in data.Objects(StartFields.Deliver, SpecLimits.MaximumDestinations))
        {
            if (Order(fields, destinations) is { } order)
            {
                if (orders.Exists(other => other.To == order.To))
                {
                    fields.Refuse(To, $"{fields.Path(To)} is \"{order.To}\" once more; name each destination once.");
                }
                orders.Add(order);
            }
        }
        return new DeliverySpec(orders.ToImmutable());
    }

    private static DeliveryOrder? Order(JsonFields fields, DestinationList destinations)
    {
        fields.Allow(Names);
        var to = fields.Text(To, 64, required: true);
        var destination = to is null ? null : destinations.Find(to);
        if (to is not null && destination is null)
        {
            var known = destinations.All.ConvertAll(one => one.To);
            fields.Refuse(
                To,
                $"{fields.Path(To)} is \"{Redaction.Line(to, 64)}\", which is no destination of this farm; "
                    + (known.IsEmpty ? "none is configured." : $"there are {string.Join(", ", known)}.")
            );
        }
        var name = fields.Text(Name, NameTemplate.Longest, required: false);
        if (name is not null && NameTemplate.Problem(name) is { } problem)
        {
            fields.Refuse(Name, $"{fields.Path(Name)} {problem}");
        }
        else if (name is not null && destination is { TakesName: false })
        {
            fields.Refuse(Name, $"{fields.Path(Name)} is of no use: the destination {to} chooses the names itself.");
        }
        var what = Whats(fields);
        var addresses = AddressesOf(fields, destination, what);
        var keepLocal = KeepLocalOf(fields);
        bool? whileRecording = fields.Has(WhileRecording) ? fields.Flag(WhileRecording) : null;
        if (whileRecording == true && destination is { TakesGrowing: false })
        {
            fields.Refuse(
                WhileRecording,
                $"{fields.Path(WhileRecording)} is true, and {to} is of the kind {destination.Kind}: only destinations of the kind s3 take a record while it grows."
            );
        }
        return destination is null
            ? null
            : new DeliveryOrder(destination.To, name, what, addresses)
            {
                WhileRecording = whileRecording,
                KeepLocal = keepLocal,
            };
    }

    /// <summary>The caller's addresses. No answer repeats them: whoever knows such an address may write
    /// there.</summary>
    private static ImmutableList<Uri> AddressesOf(
        JsonFields fields,
        Destination? destination,
        ImmutableList<DeliveredFile> what
    )
    {
        var addresses = ImmutableList.CreateBuilder<Uri>();
        var texts = fields.Texts(Addresses, LongestAddress, MostAddresses);
        for (var i = 0; i < texts.Count; i++)
        {
            var at = JsonFields.Item(Addresses, i);
            if (texts[i] is not { } text)
            {
                continue;
            }
            if (
                !Uri.TryCreate(text, UriKind.Absolute, out var address)
                || address.Scheme is not ("https" or "http")
                || address.UserInfo.Length > 0
                || address.Fragment.Length > 0
            )
            {
                fields.Refuse(at, $"{fields.Path(at)} must be an https address without user and fragment.");
            }
            else if (destination?.WhyRefused?.Invoke(address) is { } refused)
            {
                fields.Refuse(at, $"{fields.Path(at)}: {refused}");
            }
            else
            {
                addresses.Add(address);
            }
        }
        if (texts.Count > 0 && destination is { WhyRefused: null })
        {
            fields.Refuse(
                Addresses,
                $"{fields.Path(Addresses)} is of no use: the destination {destination.To} has an address of its own."
            );
        }
        else if (texts.Count == 0 && destination is { NeedsAddresses: true })
        {
            fields.Refuse(
                Addresses,
                $"{fields.Path(Addresses)} is missing: the destination {destination.To} takes the addresses of each start, one for each record."
            );
        }
        else if (texts.Count > 0 && what.Count > 1)
        {
            fields.Refuse(What, $"{fields.Path(What)} must name one file, since an address takes one file.");
        }
        return addresses.ToImmutable();
    }

    private static LocalKeeping? KeepLocalOf(JsonFields fields)
    {
        if (fields.Text(KeepLocal, 32, required: false) is not { } text)
        {
            return null;
        }
        if (text == Keep)
        {
            return new LocalKeeping(null);
        }
        if (Duration.TryParse(text, out var after) && after >= TimeSpan.Zero)
        {
            return new LocalKeeping(after);
        }
        fields.Refuse(KeepLocal, $"{fields.Path(KeepLocal)} must be \"{Keep}\" or a time such as \"7 d\" or \"12 h\".");
        return null;
    }

    private static ImmutableList<DeliveredFile> Whats(JsonFields fields)
    {
        var what = ImmutableList.CreateBuilder<DeliveredFile>();
        var words = fields.Texts(What, 32, 8);
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i] is not { } word)
            {
                continue;
            }
            var item = JsonFields.Item(What, i);
            if (!Files.TryGetValue(word, out var file))
            {
                fields.Refuse(
                    item,
                    $"{fields.Path(item)} must be one of {string.Join(", ", FileWords)}; \"{Redaction.Line(word, 32)}\" is not served."
                );
            }
            else if (what.Contains(file))
            {
                fields.Refuse(item, $"{fields.Path(item)} is \"{word}\" once more; name each file once.");
            }
            else
            {
                what.Add(file);
            }
        }
        return what.ToImmutable();
    }
}
