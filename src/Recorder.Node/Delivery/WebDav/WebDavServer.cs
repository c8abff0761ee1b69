using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.WebDav;

/// <summary>The requests to a WebDAV server.</summary>
internal sealed class WebDavServer : IDisposable
{
    /// <summary>The header by which Nextcloud is asked for the hash of what it has written.</summary>
    private const string AskHash = "X-Hash";

    private static readonly HttpMethod PropFind = new("PROPFIND");
    private static readonly HttpMethod MkCol = new("MKCOL");
    private static readonly HttpMethod Move = new("MOVE");

    private readonly string _destination;
    private readonly TimeSpan _timeout;
    private readonly HttpClient _http;

    /// <summary>Whether the server knows PROPFIND. Plain servers of files know only HEAD.</summary>
    private bool _tells = true;

    /// <param name="destination">The destination's name, for messages.</param>
    /// <param name="options">The destination.</param>
    public WebDavServer(string destination, DestinationOptions options)
    {
        (_destination, _timeout) = (destination, options.Timeout);
        _http = HttpRoad.Client(destination, options);
        if (options.User.Length > 0)
        {
            var login = $"{options.User}:{SecretText.Read(destination, options)}";
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes(login))
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>What is at an address; null when nothing is.</summary>
    /// <param name="at">The address.</param>
    /// <param name="pace">The speed of the transfer.</param>
    public async Task<StoredFile?> FindAsync(Uri at, Pace pace)
    {
        if (_tells)
        {
            var told = await TellAsync(at, 0, pace);
            if (_tells)
            {
                return told is { IsEmpty: false } ? told[0] : null;
            }
        }
        using var answer = await AskAsync(new HttpRequestMessage(HttpMethod.Head, at), pace);
        return answer.IsSuccessStatusCode
                ? new StoredFile("", answer.Content.Headers.ContentLength, at.AbsolutePath.EndsWith('/'), [])
            : answer.StatusCode == HttpStatusCode.NotFound ? null
            : throw Failure(answer, $"HEAD of {NameOf(at)}");
    }

    /// <summary>What a folder holds; null when the folder is not there.</summary>
    /// <param name="folder">The address of the folder.</param>
    /// <param name="pace">The speed of the transfer.</param>
    public Task<ImmutableList<StoredFile>?> ListAsync(Uri folder, Pace pace) => TellAsync(folder, 1, pace);

    /// <summary>Makes a folder. A folder that is there already is as good.</summary>
    /// <param name="folder">The address of the folder, with a slash at its end.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <param name="target">Where the chunks of the folder go in the end, or null.</param>
    public async Task MakeFolderAsync(Uri folder, Pace pace, Uri? target = null)
    {
        var request = new HttpRequestMessage(MkCol, folder);
        AddDestination(request, target);
        using var answer = await AskAsync(request, pace);
        if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.MethodNotAllowed)
        {
            // A server may refuse with another status what it has already.
            if (await FindAsync(folder, pace) is not { IsFolder: true })
            {
                throw Failure(answer, $"MKCOL of {NameOf(folder)}");
            }
        }
    }

    /// <summary>Writes a file.</summary>
    /// <param name="at">The address.</param>
    /// <param name="content">The file.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <param name="target">Where a chunk goes in the end, or null.</param>
    /// <param name="total">The length of the whole file that a chunk belongs to, in bytes, or null.</param>
    /// <returns>The SHA-256 of what the server has written; null where the server does not tell.</returns>
    public async Task<string?> PutAsync(
        Uri at,
        HttpContent content,
        Pace pace,
        Uri? target = null,
        long? total = null
    )
    {
        var request = new HttpRequestMessage(HttpMethod.Put, at) { Content = content };

        // A refusal comes before the body then, and costs no gigabyte.
        request.Headers.ExpectContinue = true;
        request.Headers.Add(AskHash, "sha256");
        AddDestination(request, target);
        if (total is { } bytes)
        {
            request.Headers.Add("OC-Total-Length", bytes.ToString(CultureInfo.InvariantCulture));
        }
        using var answer = await AskAsync(request, pace);
        if (!answer.IsSuccessStatusCode)
        {
            throw Failure(answer, $"PUT of {NameOf(at)}");
        }
        return answer.Headers.TryGetValues("X-Hash-SHA256", out var told) ? told.First().ToLowerInvariant() : null;
    }

    /// <summary>Renames a file, or puts chunks together. Nothing else is replaced.</summary>
    /// <param name="from">The address of the file.</param>
    /// <param name="to">The new address.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <param name="total">The length of the file that chunks make, in bytes, or null.</param>
    /// <returns>Whether the file has the new address; false: another file has it.</returns>
    public async Task<bool> MoveAsync(Uri from, Uri to, Pace pace, long? total = null)
    {
        var request = new HttpRequestMessage(Move, from);
        AddDestination(request, to);
        request.Headers.Add("Overwrite", "F");
        if (total is { } bytes)
        {
            request.Headers.Add("OC-Total-Length", bytes.ToString(CultureInfo.InvariantCulture));
        }

        // A server puts the chunks of a long file together before it answers: a silence of this kind is no standstill.
        var asked = AskAsync(request, pace);
        for (var waits = 0; total is not null && !asked.IsCompleted && waits < 40; waits++)
        {
            await Task.WhenAny(asked, Task.Delay(_timeout / 4));
            pace.SignOfLife();
        }
        using var answer = await asked;
        return answer.IsSuccessStatusCode
            || (
                answer.StatusCode == HttpStatusCode.PreconditionFailed
                    ? false
                    : throw Failure(answer, $"MOVE to {NameOf(to)}")
            );
    }

    /// <summary>Takes a file or a folder away. What is not there is as good.</summary>
    /// <param name="at">The address.</param>
    /// <param name="cancellation">Ends the request.</param>
    public async Task DeleteAsync(Uri at, CancellationToken cancellation)
    {
        using var answer = await _http.DeleteAsync(at, cancellation);
        if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.NotFound)
        {
            throw Failure(answer, $"DELETE of {NameOf(at)}");
        }
    }

    /// <summary>The SHA-256 of a file, read back from the server.</summary>
    /// <param name="at">The address.</param>
    /// <param name="pace">Gets the signs of life; reading back is not held back.</param>
    public async Task<string> HashAsync(Uri at, Pace pace)
    {
        using var answer = await AskAsync(new HttpRequestMessage(HttpMethod.Get, at), pace);
        if (!answer.IsSuccessStatusCode)
        {
            throw Failure(answer, $"GET of {NameOf(at)}");
        }
        await using var body = await answer.Content.ReadAsStreamAsync(pace.Token);
        return await SourceFile.HashAsync(body, HashAlgorithmName.SHA256, pace);
    }

    private async Task<ImmutableList<StoredFile>?> TellAsync(Uri at, int depth, Pace pace)
    {
        var request = new HttpRequestMessage(PropFind, at)
        {
            Content = new StringContent(StoredFile.Question, Encoding.UTF8, "application/xml"),
        };
        request.Headers.Add("Depth", depth.ToString(CultureInfo.InvariantCulture));
        using var answer = await AskAsync(request, pace);
        switch (answer.StatusCode)
        {
            case HttpStatusCode.NotFound:
                return null;
            case HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented:
                _tells = false;
                return null;
            case var _ when !answer.IsSuccessStatusCode:
                throw Failure(answer, $"PROPFIND of {NameOf(at)}");
            default:
                break;
        }
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(pace.Token);
            return await StoredFile.ReadAsync(body, pace.Token);
        }
        catch (XmlException error)
        {
            throw new TransferFailure(
                $"Destination {_destination}: the server's answer to PROPFIND cannot be read: {error.Message}",
                mayPass: true,
                error
            );
        }
    }

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, Pace pace)
    {
        using (request)
        {
            var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, pace.Token);
            pace.SignOfLife();
            return answer;
        }
    }

    private static void AddDestination(HttpRequestMessage request, Uri? target)
    {
        if (target is not null)
        {
            request.Headers.Add("Destination", target.AbsoluteUri);
        }
    }

    private TransferFailure Failure(HttpResponseMessage answer, string what) =>
        WebDavErrors.Failure(_destination, what, answer.StatusCode, answer.Headers.Location);

    private static string NameOf(Uri at)
    {
        var path = Uri.UnescapeDataString(at.AbsolutePath.TrimEnd('/'));
        return path[(path.LastIndexOf('/') + 1)..];
    }
}
