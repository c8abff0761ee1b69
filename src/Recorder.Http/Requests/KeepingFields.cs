using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>The fields about how long records are kept. Pure.</summary>
internal static class KeepingFields
{
    /// <summary>The word for a record that is kept until somebody erases it.</summary>
    public const string Keep = "keep";

    /// <summary>Why a record is on hold.</summary>
    public const string Reason = "reason";

    /// <summary>The age of a record in days.</summary>
    public static readonly WholeNumberField Days = new(
        "days",
        "How many days each record is kept after its end.",
        0,
        10_000,
        null,
        "days"
    );

    private static readonly string[] RetentionNames = [Days.Name];

    /// <summary>Reads <see cref="StartFields.Retention"/>: the word keep, or an object with a number of days. Null when
    /// the field is absent.</summary>
    /// <param name="data">The fields of the start.</param>
    public static RetentionSpec? ReadRetention(JsonFields data)
    {
        if (!data.Has(StartFields.Retention))
        {
            return null;
        }
        if (data.Kind(StartFields.Retention) != JsonValueKind.Object)
        {
            if (
                data.Kind(StartFields.Retention) != JsonValueKind.String
                || data.Text(StartFields.Retention, 64, required: true) != Keep
            )
            {
                data.Refuse(
                    StartFields.Retention,
                    $"{data.Path(StartFields.Retention)} must be \"{Keep}\" or an age such as {{\"days\":30}}."
                );
            }
            return new RetentionSpec(null);
        }
        if (data.OptionalObject(StartFields.Retention) is not { } fields)
        {
            return null;
        }
        fields.Allow(RetentionNames);
        return new RetentionSpec(TimeSpan.FromDays(fields.Whole(Days)));
    }
}

/// <summary>A call that puts a record on hold.</summary>
/// <param name="Record">The record.</param>
/// <param name="Reason">Why; empty without a reason.</param>
internal sealed record HoldCall(RecordInPath Record, string Reason) : IReadFromCall<HoldCall>
{
    private const string Example = """{"reason":"…"}""";

    private static readonly string[] Names = [KeepingFields.Reason];

    public static async ValueTask<Parsed<HoldCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var record = await RecordInPath.ReadAsync(call, longestBody);
        var body = await BodyReader.ReadAsync(call, longestBody, required: false);
        var reason = ReasonIn(body);
        return RequestError.Of(record.Error, reason.Error) is { } error
            ? error
            : new HoldCall(record.Value, reason.Value);
    }

    private static Parsed<string> ReasonIn(Parsed<ReadOnlyMemory<byte>> body) =>
        body.Error is { } unread ? unread
        : body.Value.Length == 0 ? ""
        : ParseReason(body.Value);

    /// <summary>Reads the body.</summary>
    public static Parsed<string> ParseReason(ReadOnlyMemory<byte> body) =>
        JsonFields.Read(
            body,
            Example,
            fields =>
            {
                fields.Allow(Names);
                var reason = fields.Text(KeepingFields.Reason, RecordHold.LongestReason, required: false) ?? "";
                if (reason.Any(char.IsControl))
                {
                    fields.Refuse(
                        KeepingFields.Reason,
                        "reason holds a control character; a reason is one line of text."
                    );
                }
                return reason;
            }
        );
}
