using System.Net;
using System.Text.Json;
using Recorder.Cluster.Membership;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary>The calls of the command line to one running node.</summary>
internal sealed class NodeClient(HttpClient http, CancellationToken cancellation)
{
    /// <summary>Asks a node.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="path">The call's path and query.</param>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    /// <exception cref="HttpRequestException">The node does not answer, or says that it cannot just now.</exception>
    /// <exception cref="HttpRequestException">Nobody answers, or not a recorder.</exception>
    public async Task<T> GetAsync<T>(string path)
        where T : class
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        return await ReadAsync<T>(answer);
    }

    /// <summary>The farm's members as the node sees them.</summary>
    public async Task<FarmListing> MembersAsync() => FarmListing.Of(await GetAsync<MembersAnswer>("/cluster/members"));

    /// <summary>Tells a node what to do with a member.</summary>
    /// <param name="member">The member's address, whole or as <c>host:port</c>.</param>
    /// <param name="operation">What.</param>
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
            // A proxy, or another service: said below.
        }

        throw new HttpRequestException($"it answers {(int)answer.StatusCode} and not as a recorder does.");
    }
}
