using System.Net;
using System.Text.Json;

using Recorder.Cluster.Membership;

namespace Recorder.Node.Commands;

/// <summary>The calls of the command line to one running node.</summary>
internal sealed class NodeClient(HttpClient http, CancellationToken cancellation)
{
    /// <summary>Asks a node.</summary>
    /// <param name="path">The call's path and query.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    /// <exception cref="HttpRequestException">The node does not answer, or says that it cannot just now.</exception>
    /// <exception cref="HttpRequestException">Nobody answers, or not a recorder.</exception>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        return await ReadAsync(answer);
    }

    /// <summary>The farm's members as the node sees them.</summary>
    public async Task<FarmListing> MembersAsync() => FarmListing.Read(await GetAsync("/cluster/members"));

    /// <summary>Tells a node what to do with a member.</summary>
    /// <param name="member">The member's address, whole or as <c>host:port</c>.</param>
    /// <param name="operation">What.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    public async Task<JsonElement> ChangeAsync(string member, MemberOperation operation)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("operation", operation.ToString())]);
        using var answer = await http.PutAsync(new Uri("/cluster/members/" + Uri.EscapeDataString(member), UriKind.Relative), form, cancellation);
        return await ReadAsync(answer);
    }

    private async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        try
        {
            var body = JsonDocument.Parse(text).RootElement;
            if (answer.IsSuccessStatusCode)
                return body;
            if (body.ValueKind == JsonValueKind.Object && body.TryGetProperty("error", out var error))
            {
                throw answer.StatusCode == HttpStatusCode.ServiceUnavailable
                    ? new HttpRequestException(error.GetString(), null, answer.StatusCode)
                    : new InvalidDataException(error.GetString());
            }
        }
        catch (JsonException)
        {
            // A proxy, or another service: said below.
        }

        throw new HttpRequestException($"it answers {(int)answer.StatusCode} and not as a recorder does.");
    }
}
