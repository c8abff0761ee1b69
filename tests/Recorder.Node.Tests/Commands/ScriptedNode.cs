using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Recorder.Node.Tests.Commands;

/// <summary>What a node answers to the command line, by script: a list of answers for a call, of which the last one
/// stays.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(int Status, string Body)>> _script = new();

    private ScriptedNode(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    /// <summary>The calls in their order: method, path and query, and the body's text.</summary>
    public ConcurrentQueue<string> Heard { get; } = new();

    public static async Task<ScriptedNode> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var node = new ScriptedNode(app);
        app.Run(node.AnswerAsync);
        await app.StartAsync();
        return node;
    }

    /// <summary>Adds answers to a call such as <c>GET /api/pressure</c>.</summary>
    public void On(string call, params string[] bodies)
    {
        foreach (var body in bodies)
        {
            On(call, 200, body);
        }
    }

    /// <summary>Adds an answer to a call.</summary>
    public void On(string call, int status, string body) => _script.GetOrAdd(call, _ => new()).Enqueue((status, body));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var call = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
        using var reader = new StreamReader(context.Request.Body);
        Heard.Enqueue($"{call} {await reader.ReadToEndAsync()}".TrimEnd());
        if (!_script.TryGetValue(call, out var answers) || !answers.TryPeek(out var answer))
        {
            answer = (501, $"Nothing is scripted for {call}");
        }
        else if (answers.Count > 1)
        {
            answers.TryDequeue(out _);
        }
        context.Response.StatusCode = answer.Status;
        await context.Response.WriteAsync(answer.Body);
    }
}
