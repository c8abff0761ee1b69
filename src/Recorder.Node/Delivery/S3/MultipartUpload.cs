using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.S3;

/// <summary>The upload of one long file in parts. Reads the file once, from front to back, also when most parts are at
/// the destination already: the hash of the whole file decides whether the object may appear.</summary>
/// <param name="client">The store.</param>
/// <param name="stored">The finished object.</param>
/// <param name="destination">The destination's name, for messages.</param>
/// <param name="options">The destination.</param>
/// <param name="statePath">The file of the <see cref="UploadState"/>.</param>
internal sealed class MultipartUpload(
    AmazonS3Client client,
    StoredObject stored,
    string destination,
    DestinationOptions options,
    string statePath
)
{
    private readonly Lock _lock = new();

    /// <summary>Sends the file. While parts are on their way, the next part is read and its sum is made: both take
    /// about as long as a fast line needs for the part.</summary>
    /// <param name="file">The file; its hash is known.</param>
    /// <param name="pace">The speed of the transfer.</param>
    public async Task SendAsync(FileToSend file, Pace pace)
    {
        var info = new FileInfo(file.Path);
        var state = await OpenAsync(file, info, pace);
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(pace.Token);
        using var parts = new PartsUnderWay(options.Parallel);
        var sending = new List<Task>();
        await using (var source = SourceFile.Open(file.Path))
        {
            var layout = LayoutOf(state, source);
            source.Position = 0;
            var number = 0;
            int length;
            for (var at = 0L; at < info.Length; at += length)
            {
                number++;
                length = layout.LengthAt(at, info.Length);
                if (await parts.RoomAsync(length, failed.Token) is not { } part)
                {
                    break;
                }
                await source.ReadExactlyAsync(part.AsMemory(0, length), pace.Token);
                whole.AppendData(part.AsSpan(0, length));
                var (own, bytes) = (number, length);
                sending.Add(Task.Run(() => SendPartAsync(file, state, own, part, bytes, parts, failed, pace)));
                sending.RemoveAll(task => task.IsCompletedSuccessfully);
            }
        }
        await Task.WhenAll(sending);

        // An attempt that was ended between two parts has read a part of the file only.
        failed.Token.ThrowIfCancellationRequested();
        try
        {
            SourceFile.Compare(file, Convert.ToHexStringLower(whole.GetHashAndReset()));
        }
        catch (TransferFailure)
        {
            await DropAsync(state);
            throw;
        }
        await CompleteAsync(file, state, parts.Confirmed, [.. parts.Sums.Values], pace);
    }

    /// <summary>Takes the parts of an unfinished upload away.</summary>
    /// <param name="cancellation">Ends the request.</param>
    public async Task AbandonAsync(CancellationToken cancellation)
    {
        if (
            StateFile.Read<UploadState>(statePath) is { UploadId: not null } state
            && !await AbortAsync(state, cancellation)
        )
        {
            // Without the state nobody would know the upload any more.
            return;
        }
        if (File.Exists(statePath))
        {
            File.Delete(statePath);
        }
    }

    private async Task SendPartAsync(
        FileToSend file,
        UploadState state,
        int number,
        byte[] part,
        int length,
        PartsUnderWay parts,
        CancellationTokenSource failed,
        Pace pace
    )
    {
        try
        {
            var md5 = Md5.Of(part.AsSpan(0, length));
            if (S3Destination.SendsSums(options) && !state.Grown)
            {
                parts.Note(number, SHA256.HashData(part.AsSpan(0, length)));
            }
            ConfirmedPart? known;
            lock (_lock)
            {
                known = state.Parts.GetValueOrDefault(number);
            }
            if (known?.Md5 == md5)
            {
                parts.Note(number, known);
                await pace.ComparedAsync(length);
                return;
            }
            await parts.BeginSendingAsync(failed.Token);
            try
            {
                parts.Note(
                    number,
                    await SendPartAsync(
                        file,
                        state,
                        number,
                        new ArraySegment<byte>(part, 0, length),
                        md5,
                        pace,
                        failed.Token
                    )
                );
            }
            finally
            {
                parts.EndSending();
            }
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
        finally
        {
            parts.Return(part);
        }
    }

    /// <summary>Sends one part, and notes the part when the destination has confirmed it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="state">The upload.</param>
    /// <param name="number">The number of the part, from 1.</param>
    /// <param name="part">The bytes.</param>
    /// <param name="md5">Their MD5.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <param name="cancellation">Ends the request.</param>
    public async Task<ConfirmedPart> SendPartAsync(
        FileToSend file,
        UploadState state,
        int number,
        ArraySegment<byte> part,
        string md5,
        Pace pace,
        CancellationToken cancellation
    )
    {
        var answer = await client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = state.Bucket,
                Key = state.Key,
                UploadId = state.UploadId,
                PartNumber = number,
                PartSize = part.Count,
                InputStream = new PartStream(part.Array!, part.Count, pace),
                UseChunkEncoding = false,
                ChecksumSHA256 = state.Grown ? null : S3Destination.SumOf(options, part),
            },
            cancellation
        );
        S3Errors.CompareTag(destination, file, answer.ETag, answer.ServerSideEncryptionMethod, md5);
        var confirmed = new ConfirmedPart(md5, answer.ETag);
        lock (_lock)
        {
            state.Parts[number] = confirmed;
            StateFile.Write(statePath, state);
        }
        return confirmed;
    }

    /// <summary>Goes on with the upload of an earlier attempt, or begins one.</summary>
    private async Task<UploadState> OpenAsync(FileToSend file, FileInfo info, Pace pace)
    {
        if (StateFile.Read<UploadState>(statePath) is { UploadId: not null } earlier)
        {
            if (
                (earlier.Bucket, earlier.Key) == (options.Bucket, S3Destination.KeyOf(options, file))
                && Fits(earlier, file, info)
                && await StillThereAsync(earlier, pace) is { } left
            )
            {
                return left;
            }
            await DropAsync(earlier);
        }

        var id = await BeginAsync(file, pace);
        var state = new UploadState(
            options.Bucket,
            S3Destination.KeyOf(options, file),
            info.Length,
            info.LastWriteTimeUtc.Ticks,
            PartLayout.Of(options.PartSize.Bytes, info.Length).PartSize,
            id,
            []
        );
        StateFile.Write(statePath, state);
        return state;
    }

    /// <summary>Begins an upload, and returns its id.</summary>
    /// <param name="file">The file. An object whose hash is not known yet names its record instead.</param>
    /// <param name="pace">The speed of the transfer.</param>
    public async Task<string> BeginAsync(FileToSend file, Pace pace)
    {
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = options.Bucket,
            Key = S3Destination.KeyOf(options, file),
            ContentType = HttpRoad.MediaType(file.Name),
            StorageClass = S3Destination.StorageClassOf(options),
            ServerSideEncryptionMethod = S3Destination.EncryptionOf(options),
            ServerSideEncryptionKeyManagementServiceKeyId = options.KmsKey.Length > 0 ? options.KmsKey : null,
            TagSet = S3Destination.TagsOf(options),
        };
        if (file.Sha256 is { } hash)
        {
            // What grows may be completed by a node that has only the tags of the parts.
            begin.ChecksumAlgorithm = S3Destination.SendsSums(options) ? ChecksumAlgorithm.SHA256 : null;
            begin.Metadata[StoredObject.HashName] = hash;
        }
        else
        {
            begin.Metadata[StoredObject.RecordName] = StoredObject.RecordOf(file);
        }
        return (await client.InitiateMultipartUploadAsync(begin, pace.Token)).UploadId;
    }

    /// <summary>The parts of a file whose upload may have begun while the file grew.</summary>
    private static PartLayout LayoutOf(UploadState state, Stream source) =>
        state.Grown
            ? PartLayout.OfGrown(state.PartSize, GrownHead.LengthOf(source))
            : new PartLayout(state.PartSize, state.PartSize);

    /// <summary>Whether the parts of an earlier attempt belong to the file as it is. The parts of a growing file are
    /// compared one by one.</summary>
    private static bool Fits(UploadState earlier, FileToSend file, FileInfo info)
    {
        if (!earlier.Grown)
        {
            return (earlier.Length, earlier.Changed) == (info.Length, info.LastWriteTimeUtc.Ticks);
        }
        using var source = SourceFile.Open(file.Path);
        return LayoutOf(earlier, source).Count(info.Length) <= PartLayout.MostParts;
    }

    /// <summary>The state with the parts that the destination still has; null when the destination does not know the
    /// upload any more.</summary>
    public async Task<UploadState?> StillThereAsync(UploadState state, Pace pace)
    {
        var tags = new Dictionary<int, string>();
        try
        {
            var ask = new ListPartsRequest
            {
                BucketName = state.Bucket,
                Key = state.Key,
                UploadId = state.UploadId,
            };
            ListPartsResponse answer;
            do
            {
                answer = await client.ListPartsAsync(ask, pace.Token);
                foreach (var part in answer.Parts ?? [])
                {
                    tags[part.PartNumber ?? 0] = part.ETag;
                }
                ask.PartNumberMarker = answer.NextPartNumberMarker?.ToString(
                    System.Globalization.CultureInfo.InvariantCulture
                );
            } while (answer.IsTruncated == true);
        }
        catch (AmazonS3Exception error) when (error.ErrorCode == "NoSuchUpload")
        {
            return null;
        }
        catch (AmazonS3Exception error)
            when (error.ErrorCode is "NotImplemented" or "MethodNotAllowed" or "AccessDenied")
        {
            // The store does not tell its parts. The end of the upload compares them anyway.
            return state;
        }
        foreach (var number in state.Parts.Keys.ToList())
        {
            if (S3Errors.Bare(tags.GetValueOrDefault(number)) != S3Errors.Bare(state.Parts[number].ETag))
            {
                state.Parts.Remove(number);
            }
        }

        // A part whose answer was lost is there all the same. A tag that is no MD5 matches no part of the file.
        foreach (var (number, tag) in tags.Where(part => !state.Parts.ContainsKey(part.Key)))
        {
            state.Parts[number] = new ConfirmedPart(S3Errors.Bare(tag) ?? "", tag);
        }
        return state;
    }

    private async Task CompleteAsync(
        FileToSend file,
        UploadState state,
        SortedDictionary<int, ConfirmedPart> confirmed,
        List<byte[]> sums,
        Pace pace
    )
    {
        var tag = S3Errors.TagOf(confirmed.Values.Select(part => part.Md5));
        CompleteMultipartUploadResponse completed;
        try
        {
            completed = await client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest
                {
                    BucketName = state.Bucket,
                    Key = state.Key,
                    UploadId = state.UploadId,
                    PartETags =
                    [
                        .. confirmed.Select(part => new PartETag(part.Key, part.Value.ETag)
                        {
                            ChecksumSHA256 =
                                sums.Count > 0 ? Convert.ToBase64String(sums[part.Key - 1]) : null,
                        }),
                    ],
                },
                pace.Token
            );
        }
        catch (AmazonS3Exception error) when (error.ErrorCode is "InvalidPart" or "InvalidPartOrder" or "NoSuchUpload")
        {
            await DropAsync(state);
            throw;
        }

        // The upload has ended, whatever the object holds. The next attempt cannot go on with these parts.
        File.Delete(statePath);
        S3Errors.CompareTag(destination, file, completed.ETag, completed.ServerSideEncryptionMethod, tag);
        var sum = sums.Count > 0 ? Convert.ToBase64String(SHA256.HashData([.. sums.SelectMany(one => one)])) : null;
        var sumProblem = S3Errors.CompareSum(destination, file, completed.ChecksumSHA256, sum);
        await stored.CompareAsync(file, tag, sumProblem, pace);
        await CleanAsync(state, pace);
    }

    /// <summary>Takes away what is left of uploads whose beginning was carried out and whose id never
    /// arrived.</summary>
    private async Task CleanAsync(UploadState state, Pace pace)
    {
        try
        {
            var left = await client.ListMultipartUploadsAsync(
                new ListMultipartUploadsRequest { BucketName = state.Bucket, Prefix = state.Key },
                pace.Token
            );
            foreach (var upload in (left.MultipartUploads ?? []).Where(upload => upload.Key == state.Key))
            {
                await AbortAsync(state with { UploadId = upload.UploadId });
            }
        }
        catch (Exception error) when (error is AmazonS3Exception or HttpRequestException)
        {
            // The record is there. A rule of the bucket can take the rest away.
        }
    }

    /// <summary>Takes an unfinished upload away, so that the next attempt begins anew. The state of an upload that the
    /// store would not take away goes aside, and a later transfer to the destination tries again.</summary>
    private async Task DropAsync(UploadState state)
    {
        if (await AbortAsync(state))
        {
            File.Delete(statePath);
        }
        else if (File.Exists(statePath))
        {
            File.Move(statePath, Path.ChangeExtension(statePath, $"{Guid.NewGuid():N}.json"));
        }
    }

    /// <summary>Takes an unfinished upload away, since a store keeps its parts for ever and bills them.</summary>
    /// <returns>Whether the store has the upload no more.</returns>
    private async Task<bool> AbortAsync(UploadState state, CancellationToken cancellation = default)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            await client.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest
                {
                    BucketName = state.Bucket,
                    Key = state.Key,
                    UploadId = state.UploadId,
                },
                limit.Token
            );
            return true;
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            // The store has taken the upload away itself.
            return true;
        }
        catch (Exception error)
            when (error is AmazonServiceException or HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
