using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recorder.Cluster.Membership;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary>The command line's calls to one running node.</summary>
internal sealed class NodeClient(HttpClient http, CancellationToken cancellation)
{
    /// <summary>Asks a node.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="path">The call's path and query.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    /// <exception cref="HttpRequestException">The node does not answer, or says that it cannot do so at
    /// present.</exception>
    /// <exception cref="HttpRequestException">Nothing answers at the address, or something that is not a
    /// recorder.</exception>
    public async Task<T> GetAsync<T>(string path)
        where T : class
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        return await ReadAsync<T>(answer);
    }

    /// <summary>Asks a node, for a reader that is a program.</summary>
    /// <param name="path">The call's path and query.</param>
    /// <returns>The JSON of the answer, as the node sent it.</returns>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    /// <exception cref="HttpRequestException">The node does not answer as a recorder does.</exception>
    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        return (await ReadAsync<JsonDocument>(answer)).RootElement;
    }

    /// <summary>Tells a node to do something.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="path">The call's path and query.</param>
    /// <param name="body">The JSON body.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    /// <exception cref="HttpRequestException">The node does not answer as a recorder does.</exception>
    public async Task<T> PostAsync<T>(string path, JsonObject body)
        where T : class
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, cancellation);
        return await ReadAsync<T>(answer);
    }

    /// <summary>Sets something.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="path">The call's path and query.</param>
    /// <param name="body">The JSON body.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    /// <exception cref="HttpRequestException">The node does not answer as a recorder does.</exception>
    public async Task<T> PutAsync<T>(string path, JsonObject body)
        where T : class
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await http.PutAsync(new Uri(path, UriKind.Relative), content, cancellation);
        return await ReadAsync<T>(answer);
    }

    /// <summary>Changes a part of something.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="path">The call's path and query.</param>
    /// <param name="body">The JSON body.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    /// <exception cref="HttpRequestException">The node does not answer as a recorder does.</exception>
    public async Task<T> PatchAsync<T>(string path, JsonObject body)
        where T : class
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await http.PatchAsync(new Uri(path, UriKind.Relative), content, cancellation);
        return await ReadAsync<T>(answer);
    }

    /// <summary>Takes something out, or back.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="path">The call's path and query.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    /// <exception cref="HttpRequestException">The node does not answer as a recorder does.</exception>
    public async Task<T> DeleteAsync<T>(string path)
        where T : class
    {
        using var answer = await http.DeleteAsync(new Uri(path, UriKind.Relative), cancellation);
        return await ReadAsync<T>(answer);
    }

    /// <summary>What a node says of a file.</summary>
    /// <param name="path">The call's path and query.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    /// <exception cref="HttpRequestException">The node does not answer as a recorder does.</exception>
    public async Task<HttpContentHeaders> HeadAsync(string path)
    {
        using var call = new HttpRequestMessage(HttpMethod.Head, new Uri(path, UriKind.Relative));
        using var answer = await http.SendAsync(call, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            // An answer to HEAD has no sentence, and the same call by GET has.
            using var told = await OpenAsync(path, 0);
        }
        return answer.Content.Headers;
    }

    /// <summary>Begins to read a file. The answer is 200 or 206, or 416 when the file has no byte there.</summary>
    /// <param name="path">The call's path and query.</param>
    /// <param name="from">The first byte, from 0.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    /// <exception cref="HttpRequestException">The node does not answer, or not at present.</exception>
    public async Task<HttpResponseMessage> OpenAsync(string path, long from)
    {
        using var call = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (from > 0)
        {
            call.Headers.Range = new RangeHeaderValue(from, null);
        }
        var answer = await http.SendAsync(call, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return answer;
        }
        using (answer)
        {
            await ReadAsync<JsonDocument>(answer);
            throw NotARecorder(answer.StatusCode);
        }
    }

    /// <summary>Reads a part of an answer.</summary>
    /// <typeparam name="T">The type of the part.</typeparam>
    /// <param name="answer">The JSON.</param>
    /// <exception cref="HttpRequestException">The JSON is no recorder's.</exception>
    public static T Read<T>(JsonElement answer)
        where T : class
    {
        try
        {
            return answer.Deserialize<T>(AnswerJson.Options) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw NotARecorder(HttpStatusCode.OK);
        }
    }

    /// <summary>The farm's members as the node sees them.</summary>
    public async Task<FarmListing> MembersAsync() => FarmListing.Of(await GetAsync<MembersAnswer>("/cluster/members"));

    /// <summary>Tells a node to change a member.</summary>
    /// <param name="member">The member's address, whole or as <c>host:port</c>.</param>
    /// <param name="operation">The change.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    public async Task<MemberChangeAnswer> ChangeAsync(string member, MemberOperation operation)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("operation", operation.ToString())]);
        using var answer = await http.PutAsync(
            new Uri("/cluster/members/" + Uri.EscapeDataString(member), UriKind.Relative),
            form,
            cancellation
        );
        return await ReadAsync<MemberChangeAnswer>(answer);
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage answer)
        where T : class
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        try
        {
            if (!answer.IsSuccessStatusCode)
            {
                if (JsonSerializer.Deserialize<ErrorAnswer>(text, AnswerJson.Options) is { Error: not null } refusal)
                {
                    throw answer.StatusCode == HttpStatusCode.ServiceUnavailable
                        ? new HttpRequestException(refusal.Error, null, answer.StatusCode)
                        : new InvalidDataException(refusal.Error);
                }
            }
            else if (JsonSerializer.Deserialize<T>(text, AnswerJson.Options) is { } body)
            {
                return body;
            }
        }
        catch (JsonException)
        {
            // The answer comes from a proxy or another service; the exception below says so.
        }

        throw NotARecorder(answer.StatusCode);
    }

    private static HttpRequestException NotARecorder(HttpStatusCode status) =>
        new($"it answers {(int)status} and not as a recorder does.");
}
