using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Recorder.Http.Library;

/// <summary>A part of a file.</summary>
/// <param name="From">The first byte, from 0.</param>
/// <param name="Length">The number of bytes, at least 1.</param>
internal readonly record struct ByteRange(long From, long Length)
{
    /// <summary>The byte behind the last one.</summary>
    public long End => From + Length;
}

/// <summary>
/// What a call for a file is answered: by the preconditions and ranges of RFC 9110, sections 13 and 14. Pure.
/// </summary>
internal abstract record MediaPlan
{
    /// <summary>The most ranges of one call. More are refused: each costs a read of its own.</summary>
    public const int MostRanges = 16;

    /// <summary>The whole file.</summary>
    internal sealed record Whole : MediaPlan;

    /// <summary>Parts of the file, at least one.</summary>
    internal sealed record Parts(ImmutableList<ByteRange> Ranges) : MediaPlan;

    /// <summary>The caller has the file already.</summary>
    internal sealed record NotModified : MediaPlan;

    /// <summary>The file is not the one that the caller expects.</summary>
    internal sealed record PreconditionFailed : MediaPlan;

    /// <summary>No wanted part can be sent.</summary>
    /// <param name="Why">The reason, as one sentence.</param>
    internal sealed record NotSatisfiable(string Why) : MediaPlan;

    /// <summary>Decides how a call is answered.</summary>
    /// <param name="method">The method, GET or HEAD.</param>
    /// <param name="headers">The headers of the call.</param>
    /// <param name="length">The length of the file in bytes.</param>
    /// <param name="tag">The file's entity tag.</param>
    /// <param name="modified">When the file was last written, in whole seconds.</param>
    public static MediaPlan Of(
        string method,
        IHeaderDictionary headers,
        long length,
        EntityTagHeaderValue tag,
        DateTimeOffset modified
    )
    {
        var asked = new RequestHeaders(headers);
        if (asked.IfMatch.Count > 0)
        {
            if (!asked.IfMatch.Any(one => Is(one, tag, strong: true)))
            {
                return new PreconditionFailed();
            }
        }
        else if (asked.IfUnmodifiedSince < modified)
        {
            return new PreconditionFailed();
        }

        if (asked.IfNoneMatch.Count > 0)
        {
            if (asked.IfNoneMatch.Any(one => Is(one, tag, strong: false)))
            {
                return new NotModified();
            }
        }
        else if (asked.IfModifiedSince >= modified)
        {
            return new NotModified();
        }

        // Only a GET has ranges. What is no range is passed over, and so is a range of another file. A condition that
        // cannot be read is not fulfilled.
        return
            HttpMethods.IsGet(method)
            && asked.Range is { } range
            && range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
            && (headers.IfRange.Count == 0 || asked.IfRange is not null)
            && IsOfThisFile(asked.IfRange, tag, modified)
            ? OfRanges(range.Ranges, length)
            : new Whole();
    }

    private static MediaPlan OfRanges(ICollection<RangeItemHeaderValue> asked, long length)
    {
        if (asked.Count > MostRanges)
        {
            return new NotSatisfiable(
                $"The call asks for {asked.Count} ranges; one call may ask for at most {MostRanges}."
            );
        }
        var ranges = asked.Select(one => RangeOf(one, length)).OfType<ByteRange>().ToImmutableList();
        return ranges.IsEmpty
            ? new NotSatisfiable($"The file has {length} bytes, and the call asks only for others.")
            : new Parts(Joined(ranges));
    }

    private static ByteRange? RangeOf(RangeItemHeaderValue asked, long length) =>
        asked switch
        {
            { From: { } from } when from < length => new ByteRange(
                from,
                (asked.To is { } to && to < length - 1 ? to : length - 1) - from + 1
            ),
            { From: null, To: > 0 and var last } when length > 0 => new ByteRange(
                Math.Max(0, length - last),
                Math.Min(length, last)
            ),
            _ => null,
        };

    /// <summary>Ranges that touch become one; then the ranges are in their order within the file.</summary>
    private static ImmutableList<ByteRange> Joined(ImmutableList<ByteRange> ranges)
    {
        var joined = ImmutableList<ByteRange>.Empty;
        foreach (var range in ranges.OrderBy(range => range.From))
        {
            joined =
                joined is [.., var last] && range.From <= last.End
                    ? joined.SetItem(
                        joined.Count - 1,
                        new ByteRange(last.From, Math.Max(last.End, range.End) - last.From)
                    )
                    : joined.Add(range);
        }
        return joined.Count == ranges.Count ? ranges : joined;
    }

    private static bool Is(EntityTagHeaderValue asked, EntityTagHeaderValue tag, bool strong) =>
        asked.Equals(EntityTagHeaderValue.Any) || asked.Compare(tag, useStrongComparison: strong);

    private static bool IsOfThisFile(
        RangeConditionHeaderValue? condition,
        EntityTagHeaderValue tag,
        DateTimeOffset modified
    ) =>
        condition is null
        || (
            condition.EntityTag is { } asked
                ? asked.Compare(tag, useStrongComparison: true)
                : condition.LastModified == modified
        );
}
