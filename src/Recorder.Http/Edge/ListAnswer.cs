using System.Buffers;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Recorder.Http.Answers;

namespace Recorder.Http.Edge;

/// <summary>
/// The answer of a list that may be long. The items are written as they come. A list that fits into
/// <see cref="Whole"/> has a <c>Content-Length</c> and no chunks, as every other answer. A list that breaks off after
/// its first bytes were sent ends without its closing bracket, and its connection is closed.
/// </summary>
/// <typeparam name="T">The type of the items.</typeparam>
internal sealed class ListAnswer<T>(Func<CancellationToken, IAsyncEnumerable<T>> items)
    : IResult,
        IEndpointMetadataProvider
{
    /// <summary>How many bytes are gathered before they are sent.</summary>
    private const int Whole = 64 * 1024;

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(
            new ProducesResponseTypeMetadata(
                StatusCodes.Status200OK,
                typeof(IReadOnlyList<T>),
                ["application/json"]
            )
        );

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var aborted = httpContext.RequestAborted;
        var gathered = new ArrayBufferWriter<byte>(Whole + 4096);
        try
        {
            await using var json = new Utf8JsonWriter(
                gathered,
                new JsonWriterOptions { Encoder = AnswerJson.Options.Encoder }
            );
            json.WriteStartArray();
            await foreach (var item in items(aborted).WithCancellation(aborted))
            {
                JsonSerializer.Serialize(json, item, AnswerJson.Options);
                if (json.BytesPending + gathered.WrittenCount < Whole)
                {
                    continue;
                }
                await json.FlushAsync(aborted);
                if (!response.HasStarted)
                {
                    Begin(response);
                    if (HttpMethods.IsHead(httpContext.Request.Method))
                    {
                        return;
                    }
                }
                await response.Body.WriteAsync(gathered.WrittenMemory, aborted);
                gathered.ResetWrittenCount();
            }
            json.WriteEndArray();
            await json.FlushAsync(aborted);
        }
        catch (RefusedException refused) when (!response.HasStarted)
        {
            await new Answer<T>(refused.Refusal).ExecuteAsync(httpContext);
            return;
        }
        catch (RefusedException)
        {
            httpContext.Abort();
            return;
        }

        if (!response.HasStarted)
        {
            Begin(response);
            response.ContentLength = gathered.WrittenCount;
            if (HttpMethods.IsHead(httpContext.Request.Method))
            {
                return;
            }
        }
        await response.Body.WriteAsync(gathered.WrittenMemory, aborted);
    }

    private static void Begin(HttpResponse response)
    {
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
    }
}
