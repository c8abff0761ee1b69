using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Settings;
using Recorder.Cluster.Webhooks;
using Recorder.Worker.Network;

namespace Recorder.Cluster.Hosting;

/// <summary>
/// Checks the options that make a node part of a farm. Each problem is a sentence with its solution. Pure: only the
/// options are read, so a node reports problems before anything is opened, joined or written.
/// </summary>
public static class FarmOptionsCheck
{
    /// <summary>The problems, as sentences; none when the options are in order.</summary>
    public static IReadOnlyList<string> Problems(RecorderClusterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var seeds = SeedNodeList.Read(options.SeedNodes, out var badSeeds);
        var roles = NodeRoles.Read(options.Roles, out var badRoles);
        return
        [
            .. badRoles,
            .. badSeeds,
            .. OfDatabase(options.Database, roles, seeds),
            .. OfRemoting(options.Remoting, seeds),
            .. OfSecrecy(options),
            .. SecretFiles.ProblemsOf(options.Secrets),
            .. OfWebhooks(options),
            .. OfRetention(options),
        ];
    }

    private static IEnumerable<string> OfDatabase(
        DatabaseOptions database,
        NodeRoles roles,
        ImmutableList<Address> seeds
    )
    {
        if (database.ConnectionString.Length == 0)
        {
            if (!seeds.IsEmpty && roles.Records)
            {
                yield return "Seed nodes are given and Database:ConnectionString is not: the nodes of a farm share one PostgreSQL, and the SQLite "
                    + "file is for a node that stays alone. Set RECORDER_DATABASE_CONNECTION_STRING, or leave the seed nodes away.";
            }

            yield break;
        }

        if (database.File.Length > 0)
        {
            yield return "Database:File and Database:ConnectionString are both set; a node keeps its events in one of them. Remove the one that is not meant.";
        }
        if (!PostgresConnection.CanRead(database.ConnectionString))
        {
            // Npgsql's message would quote a part of the string, which holds the password.
            yield return "Database:ConnectionString cannot be read; it has the form Host=db.example.org;Port=5432;Database=recorder;Username=recorder;Password=…";
        }
    }

    private static List<string> OfWebhooks(RecorderClusterOptions options)
    {
        List<string> problems = [];
        var policy = NetworkPolicy.Read(options.Network.Rules(), problems);
        foreach (var webhook in ConfiguredWebhook.Read(options.Webhooks, problems))
        {
            if (policy.WhyRefused(new Uri(webhook.Url)) is { } refused)
            {
                problems.Add($"The Url of the webhook {webhook.Id} may not be called: {refused}");
            }
        }
        return problems;
    }

    private static List<string> OfRetention(RecorderClusterOptions options)
    {
        List<string> problems = [];
        _ = RetentionSettings.Read(options.Retention, problems);
        return problems;
    }

    /// <summary>Whoever reaches the port of an unsecured farm is a node of it, so other machines must not reach the
    /// port.</summary>
    private static IEnumerable<string> OfSecrecy(RecorderClusterOptions options)
    {
        var remoting = options.Remoting;
        if (!RemotingCertificate.Secures(options) && !remoting.AllowUnsecured && !IsLoopback(remoting.Hostname))
        {
            yield return $"Other machines reach {remoting.Hostname}:{remoting.Port}, and whoever does could act as a node of this farm. Give every node the same secret, made with `openssl rand -base64 32`, by --remoting-secret-file; or a certificate each, made with `recorder farm certificates`. A farm that cannot be stopped yet starts with --remoting-allow-unsecured.";
        }
    }

    private static IEnumerable<string> OfRemoting(RemotingOptions remoting, ImmutableList<Address> seeds)
    {
        var known = remoting.KnownHostname;
        if (Uri.CheckHostName(remoting.Hostname) == UriHostNameType.Unknown)
        {
            yield return $"Remoting:Hostname is \"{remoting.Hostname}\"; it must be an address of this machine or its host name, without a port.";
        }
        else if (Uri.CheckHostName(known) == UriHostNameType.Unknown)
        {
            yield return $"Remoting:PublicHostname is \"{known}\"; it must be an address or a host name, without a port.";
        }
        else if (
            IPAddress.TryParse(known, out var address)
            && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        )
        {
            yield return $"{known} is every address of this machine and none that other nodes could call; say which one they reach with --public-hostname.";
        }
        else if (IsLoopback(known) && seeds.Find(seed => !IsLoopback(seed.Host)) is { } seed)
        {
            yield return $"The seed node {SeedNodeList.Write(seed)} is another machine, and this node would be known as {known}, which nobody else reaches. Say with --hostname which address of this machine the others reach.";
        }
    }

    internal static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
