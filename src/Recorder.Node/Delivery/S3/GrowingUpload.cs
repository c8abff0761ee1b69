using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.S3;

/// <summary>
/// Sends the parts of a record while the record grows, each as soon as its bytes do not change any more. The close of
/// the record changes the head of the file, so the first part is sent once more by the delivery of the closed record.
/// </summary>
/// <param name="client">The store.</param>
/// <param name="upload">The upload in parts.</param>
/// <param name="destination">The destination's name, for messages.</param>
/// <param name="options">The destination.</param>
/// <param name="statePath">The file of the <see cref="UploadState"/>.</param>
internal sealed class GrowingUpload(
    AmazonS3Client client,
    MultipartUpload upload,
    string destination,
    DestinationOptions options,
    string statePath
)
{
    /// <summary>How many bytes at the end of the file may still change.</summary>
    public const long Unsettled = 1 << 20;

    /// <summary>The beginning of the file, which a writer may complete later: the description of a picture that comes
    /// late.</summary>
    private const int HeadLength = 64 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Follows the file until the transfer is ended from outside.</summary>
    /// <param name="file">The file.</param>
    /// <param name="pace">The speed of the transfer. Waiting for the file to grow is no standstill.</param>
    /// <param name="time">The clock.</param>
    /// <param name="told">Told of each confirmed part.</param>
    public async Task FollowAsync(FileToSend file, Pace pace, TimeProvider time, Action<GrowthReport> told)
    {
        var state = await OpenAsync(file, pace);
        var head = "";
        foreach (var (number, part) in state.Parts)
        {
            told(ReportOf(state, number, part));
        }
        await using var source = SourceFile.Open(file.Path);
        while (true)
        {
            var next = Enumerable.Range(1, PartLayout.MostParts + 1).First(number => !state.Parts.ContainsKey(number));
            if (next <= PartLayout.MostParts && source.Length >= ((long)next * state.PartSize) + Unsettled)
            {
                head = next == 1 ? await HeadAsync(source, pace) : head;
                await SendAsync(file, state, source, next, pace, told);
            }
            else if (next > 1 && await HeadAsync(source, pace) is var now && now != head)
            {
                // The head of an earlier attempt is not known.
                head = now;
                await SendAsync(file, state, source, 1, pace, told);
            }
            else
            {
                await Task.Delay(Interval, time, pace.Token);
                pace.SignOfLife();
            }
        }
    }

    /// <summary>Makes an object of the confirmed parts, without the file.</summary>
    /// <param name="parts">What is known of the upload.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <returns>Whether the object is there. Not when the store has neither the upload nor its object.</returns>
    public async Task<bool> CompleteAsync(GrownParts parts, Pace pace)
    {
        var state = new UploadState(options.Bucket, parts.Key, 0, 0, parts.PartSize, parts.UploadId, [])
        {
            Grown = true,
        };
        for (var number = 1; number <= parts.Tags.Count; number++)
        {
            state.Parts[number] = new ConfirmedPart("", parts.Tags[number - 1]);
        }

        if (await upload.StillThereAsync(state, pace) is not { } there)
        {
            // The answer to an earlier completing may be lost.
            return await IsCompletedAsync(parts, pace);
        }

        // The head is sent again while the record grows, and the journal may have missed the newest one.
        if (there.Parts.TryGetValue(1, out var first) && first.Md5.Length > 0 && await HasHeadAsync(parts, pace))
        {
            there.Parts[1] = first with { Md5 = "" };
        }

        // Nobody can compare another part whose answer was lost with its node.
        var last = 0;
        while (there.Parts.TryGetValue(last + 1, out var part) && part.Md5.Length == 0)
        {
            last++;
        }
        if (last == 0)
        {
            return false;
        }
        var taken = there.Parts.TakeWhile(part => part.Key <= last).Select(part => part.Value.ETag).ToList();
        var completed = await client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = options.Bucket,
                Key = parts.Key,
                UploadId = parts.UploadId,
                PartETags = [.. taken.Select((tag, index) => new PartETag(index + 1, tag))],
            },
            pace.Token
        );
        Compare(parts, completed, taken);
        return true;
    }

    /// <summary>Compares the tag of the object with the tags of its parts, where these are sums. The file is gone, so
    /// nothing else can tell what the store made of the parts.</summary>
    private void Compare(GrownParts parts, CompleteMultipartUploadResponse completed, List<string> tags)
    {
        var sums = tags.ConvertAll(tag => S3Errors.Sum(tag, completed.ServerSideEncryptionMethod));
        if (
            sums.TrueForAll(sum => sum is not null && !sum.Contains('-', StringComparison.Ordinal))
            && S3Errors.Sum(completed.ETag, completed.ServerSideEncryptionMethod) is { } told
            // The tag of another form is a sum of something else.
            && told.EndsWith($"-{sums.Count}", StringComparison.Ordinal)
            && told != S3Errors.TagOf(sums.OfType<string>())
        )
        {
            throw OtherBytes(parts);
        }
    }

    /// <summary>Whether the key has an object that was sent while its record grew, and that has all confirmed
    /// parts.</summary>
    private async Task<bool> IsCompletedAsync(GrownParts parts, Pace pace)
    {
        try
        {
            var found = await client.GetObjectMetadataAsync(options.Bucket, parts.Key, pace.Token);
            if (
                string.IsNullOrEmpty(found.Metadata[StoredObject.RecordName])
                || found.ContentLength < (long)parts.Tags.Count * parts.PartSize
            )
            {
                return false;
            }
            await CompareAsync(parts, found, pace);
            return true;
        }
        catch (AmazonS3Exception error) when (error.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        {
            return false;
        }
    }

    /// <summary>Compares the tag of an object that an earlier attempt has completed with the tags of its parts, where
    /// these are sums. The head is sent again while the record grows, and the journal may have missed the newest one,
    /// so the object's own head counts.</summary>
    private async Task CompareAsync(GrownParts parts, GetObjectMetadataResponse found, Pace pace)
    {
        var sums = parts
            .Tags.Select(tag => S3Errors.Sum(tag, found.ServerSideEncryptionMethod))
            .Where(sum => sum is not null && !sum.Contains('-', StringComparison.Ordinal))
            .OfType<string>()
            .ToList();
        if (
            sums.Count != parts.Tags.Count
            || S3Errors.Sum(found.ETag, found.ServerSideEncryptionMethod) is not { } told
            || !told.EndsWith(FormattableString.Invariant($"-{sums.Count}"), StringComparison.Ordinal)
            || told == S3Errors.TagOf(sums)
        )
        {
            return;
        }
        var head = new byte[parts.PartSize];
        using (
            var answer = await client.GetObjectAsync(
                new GetObjectRequest
                {
                    BucketName = options.Bucket,
                    Key = parts.Key,
                    ByteRange = new ByteRange(0, parts.PartSize - 1),
                },
                pace.Token
            )
        )
        {
            await answer.ResponseStream.ReadExactlyAsync(head, pace.Token);
        }
        await pace.ComparedAsync(head.Length);
        sums[0] = Md5.Of(head);
        if (told != S3Errors.TagOf(sums))
        {
            throw OtherBytes(parts);
        }
    }

    private TransferFailure OtherBytes(GrownParts parts) =>
        new(
            $"Destination {destination}: the store has other bytes in {parts.Key} than its parts had. The host of the record is lost, so nobody can send them again: look at the object before you use it.",
            mayPass: false
        );

    /// <summary>Whether the first part is as long as the others. The first part of a closed record is longer, and
    /// describes an end that is not there.</summary>
    private async Task<bool> HasHeadAsync(GrownParts parts, Pace pace)
    {
        var answer = await client.ListPartsAsync(
            new ListPartsRequest
            {
                BucketName = options.Bucket,
                Key = parts.Key,
                UploadId = parts.UploadId,
                MaxParts = 1,
            },
            pace.Token
        );
        return answer.Parts?.Find(part => part.PartNumber == 1)?.Size == parts.PartSize;
    }

    private async Task<UploadState> OpenAsync(FileToSend file, Pace pace)
    {
        if (
            StateFile.Read<UploadState>(statePath) is { UploadId: not null, Grown: true } earlier
            && (earlier.Bucket, earlier.Key) == (options.Bucket, S3Destination.KeyOf(options, file))
        )
        {
            var noted = earlier.Parts.ToDictionary(part => part.Key, part => part.Value);
            if (await upload.StillThereAsync(earlier, pace) is { } left)
            {
                await CompareAsync(file, left, noted, pace);
                return left;
            }
        }
        await upload.AbandonAsync(pace.Token);
        var state = new UploadState(
            options.Bucket,
            S3Destination.KeyOf(options, file),
            0,
            0,
            (int)options.PartSize.Bytes,
            await upload.BeginAsync(file with { Sha256 = null }, pace),
            []
        )
        {
            Grown = true,
        };
        StateFile.Write(statePath, state);
        return state;
    }

    /// <summary>Drops the parts that the store has, that no answer confirmed, and that are not those of the
    /// file.</summary>
    private static async Task CompareAsync(
        FileToSend file,
        UploadState state,
        Dictionary<int, ConfirmedPart> noted,
        Pace pace
    )
    {
        await using var source = SourceFile.Open(file.Path);
        foreach (var (number, part) in state.Parts.ToList())
        {
            if (
                noted.GetValueOrDefault(number) != part
                && Md5.Of(await ReadAsync(state, source, number, pace)) != part.Md5
            )
            {
                state.Parts.Remove(number);
            }
        }
    }

    private static async Task<byte[]> ReadAsync(UploadState state, FileStream source, int number, Pace pace)
    {
        source.Position = (long)(number - 1) * state.PartSize;
        var part = new byte[Math.Max(0, Math.Min(state.PartSize, source.Length - source.Position))];
        await source.ReadExactlyAsync(part, pace.Token);
        return part;
    }

    private async Task SendAsync(
        FileToSend file,
        UploadState state,
        FileStream source,
        int number,
        Pace pace,
        Action<GrowthReport> told
    )
    {
        var part = await ReadAsync(state, source, number, pace);
        var confirmed = await upload.SendPartAsync(file, state, number, part, Md5.Of(part), pace, pace.Token);
        told(ReportOf(state, number, confirmed));
    }

    private static async Task<string> HeadAsync(FileStream source, Pace pace)
    {
        var head = new byte[HeadLength];
        source.Position = 0;
        var read = await source.ReadAtLeastAsync(head, HeadLength, throwOnEndOfStream: false, pace.Token);
        return Md5.Of(head.AsSpan(0, read));
    }

    private static GrowthReport ReportOf(UploadState state, int number, ConfirmedPart part) =>
        new(state.Key, state.UploadId, state.PartSize, number, part.ETag);
}
