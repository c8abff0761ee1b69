using System.Security.Cryptography;
using Recorder.Cluster.Network;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Node.Delivery.Transfer;
using Recorder.Worker.Network;

namespace Recorder.Node.Delivery.Put;

/// <summary>
/// An address that takes one file by one PUT, such as a presigned address of a bucket. The address is a secret: nothing
/// of its path and query is told. A transfer that ends early begins anew.
/// </summary>
internal sealed class PutDestination : IDestination, IDisposable
{
    /// <summary>Where the operator's own address gets the name of a record.</summary>
    public const string NameHere = "{name}";

    private readonly string _destination;
    private readonly Uri? _given;
    private readonly string _own;
    private readonly string _headers;
    private readonly NetworkPolicy _policy;
    private readonly HttpClient _http;

    /// <param name="request">What the node asked for.</param>
    public PutDestination(TransferRequest request)
    {
        (_destination, _given, _headers) = (request.Destination, request.Address, request.Options.Headers);
        _own = SecretText.Read(request.Destination, request.Options);
        _policy = NetworkPolicy.Read(request.Network, []);

        // The operator may send records where the operator wants. A caller reaches nothing through the node.
        _http = HttpRoad.Client(_destination, request.Options, _given is null ? null : _policy);
    }

    /// <summary>The headers of an option: <c>name: value</c> pairs, separated by semicolons.</summary>
    /// <param name="option">The option.</param>
    public static IEnumerable<(string Name, string Value)> HeadersOf(string option) =>
        option
            .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split(':', 2, StringSplitOptions.TrimEntries))
            .Select(pair => (pair[0], pair.ElementAtOrDefault(1) ?? ""));

    /// <inheritdoc/>
    public bool Confirmed { get; private set; } = true;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <inheritdoc/>
    public async Task SendAsync(FileToSend file, Pace pace)
    {
        var address = AddressOf(file);
        var (md5, hash) = await SumsAsync(file, pace);
        SourceFile.Compare(file, hash);
        using var request = new HttpRequestMessage(HttpMethod.Put, address);
        using var content = new FileContent(file, new FileInfo(file.Path).Length, pace);
        request.Content = content;

        // A refusal comes before the body then, and costs no gigabyte.
        request.Headers.ExpectContinue = true;
        content.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(hash))}:");
        if (PresignedAddress.TakesNoHeaders(address))
        {
            content.Headers.ContentType = null;
        }
        else
        {
            content.Headers.ContentMD5 = Convert.FromHexString(md5);
        }
        foreach (var (name, value) in HeadersOf(_headers))
        {
            content.Headers.Remove(name);
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                content.Headers.TryAddWithoutValidation(name, value);
            }
        }
        await PutAsync(file, request, content, (md5, hash), pace);
    }

    private async Task PutAsync(
        FileToSend file,
        HttpRequestMessage request,
        FileContent content,
        (string Md5, string Sha256) sums,
        Pace pace
    )
    {
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, pace.Token);
            if (!answer.IsSuccessStatusCode)
            {
                throw await PutErrors.FailureAsync(_destination, answer, callers: _given is not null, pace.Token);
            }
            var told = PutErrors.SumOf(answer);
            Confirmed &= told is not null;
            if (content.Sent != sums.Sha256 || (told is not null && told != sums.Md5))
            {
                throw new TransferFailure(
                    $"Destination {_destination}: the server has other bytes of {Path.GetFileName(file.Path)} than were sent. The attempt is made again.",
                    mayPass: true
                );
            }
        }
        catch (Exception error) when (error is HttpRequestException or HttpIOException)
        {
            throw error.GetBaseException() is RefusedAddressException refused
                ? new TransferFailure($"Destination {_destination}: {refused.Message}", mayPass: true, error)
                : HttpRoad.Failure(_destination, error);
        }
    }

    private Uri AddressOf(FileToSend file)
    {
        if (_given is not null && _given != CallersAddress.None)
        {
            return _policy.WhyRefused(_given) is { } refused
                ? throw new TransferFailure($"Destination {_destination}: {refused}", mayPass: true)
                : _given;
        }
        if (_given is not null || _own.Length == 0)
        {
            throw new TransferFailure(
                $"Destination {_destination}: the start gave no address for this record. A session needs as many addresses as it makes records; the record stays on its node.",
                mayPass: false
            );
        }
        var name = string.Join('/', file.Name.Split('/').Select(Uri.EscapeDataString));
        return
            PresignedAddress.Problem(_own) is null
            && Uri.TryCreate(_own.Replace(NameHere, name, StringComparison.Ordinal), UriKind.Absolute, out var address)
            ? address
            : throw new TransferFailure(
                $"Destination {_destination}: what Secret or SecretFile holds {PresignedAddress.Problem(_own) ?? "is no address"}.",
                mayPass: true
            );
    }

    private static async Task<(string Md5, string Sha256)> SumsAsync(FileToSend file, Pace pace)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var source = SourceFile.Open(file.Path);
        var buffer = new byte[SourceFile.Chunk];
        int read;
        while ((read = await source.ReadAsync(buffer, pace.Token)) > 0)
        {
            md5.AppendData(buffer.AsSpan(0, read));
            sha256.AppendData(buffer.AsSpan(0, read));
            await pace.ComparedAsync(read);
        }
        return (
            Convert.ToHexStringLower(md5.GetHashAndReset()),
            Convert.ToHexStringLower(sha256.GetHashAndReset())
        );
    }
}
