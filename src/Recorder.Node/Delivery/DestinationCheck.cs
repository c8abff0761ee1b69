using System.Text.RegularExpressions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Delivery.Command;
using Recorder.Node.Delivery.Put;
using Recorder.Node.Delivery.Sftp;
using Recorder.Node.Delivery.Transfer;
using Recorder.Node.Delivery.WebDav;

namespace Recorder.Node.Delivery;

/// <summary>Checks the options of destinations before a node starts. Pure, but for the existence of files.</summary>
internal static partial class DestinationCheck
{
    /// <summary>The mistakes, as sentences.</summary>
    /// <param name="delivery">The options of all deliveries.</param>
    /// <param name="destinations">The destinations.</param>
    /// <param name="own">The folders that the node itself writes to.</param>
    public static IEnumerable<string> Problems(
        DeliveryOptions delivery,
        DestinationsOptions destinations,
        params IReadOnlyList<string> own
    )
    {
        foreach (var (name, options) in destinations.Destinations)
        {
            foreach (var problem in Problems(name, options))
            {
                yield return problem;
            }
            foreach (var folder in own.Where(folder => Meets(options, folder)))
            {
                yield return $"Destinations:{name}:Path is \"{options.Path}\", which meets the node's own folder {Path.GetFullPath(folder)}; choose a folder that is neither inside nor around that one.";
            }
        }
        foreach (var to in delivery.Default)
        {
            if (destinations.Destinations.TryGetValue(to, out var named) && Destinations.NeedsAddresses(named))
            {
                yield return $"Delivery:Default names \"{to}\", to which each start must give addresses; set Destinations:{to}:SecretFile, or take the name away.";
            }
            if (
                to == CommandDeliveryActor.Kind
                    ? delivery.Command.Length == 0
                    : !destinations.Destinations.ContainsKey(to)
            )
            {
                yield return to == CommandDeliveryActor.Kind
                    ? "Delivery:Default names command, and Delivery:Command is empty; set the command, or take the name away."
                    : $"Delivery:Default names \"{to}\", and there is no such destination; add Destinations:{to}:Kind, or take the name away.";
            }
        }
    }

    private static IEnumerable<string> Problems(string name, DestinationOptions options)
    {
        var at = $"Destinations:{name}";
        if (!DestinationName().IsMatch(name) || name == CommandDeliveryActor.Kind)
        {
            yield return $"{at}: a destination's name has up to 63 lower-case letters, digits and hyphens, begins with a letter or digit, and is not {CommandDeliveryActor.Kind}.";
        }
        if (options.Kind is not { } kind)
        {
            yield return $"{at}:Kind is missing; it must be one of {string.Join(", ", Enum.GetNames<DestinationKind>())}.";
            yield break;
        }
        if (NameTemplate.Problem(options.Name) is { } wrong)
        {
            yield return $"{at}:Name is \"{options.Name}\", which {wrong}";
        }
        var words = Destinations.Words(options.What);
        if (words.Length == 0 || Destinations.WhatOf(options).Count != words.Length)
        {
            yield return $"{at}:What is \"{options.What}\"; it must be record, manifest, or both, separated by a comma.";
        }
        if (options.KeepLocal != Destinations.Keep && Destinations.KeepLocalOf(options) is not { Ticks: >= 0 })
        {
            yield return $"{at}:KeepLocal is \"{options.KeepLocal}\"; it must be keep, or a time such as 7 d.";
        }
        if (options.WhileRecording && kind != DestinationKind.S3)
        {
            yield return $"{at}:WhileRecording is of no use: only destinations of the kind S3 take a record while it grows.";
        }
        foreach (var problem in ProblemsOf(kind, at, options))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> ProblemsOf(DestinationKind kind, string at, DestinationOptions options)
    {
        switch (kind)
        {
            case DestinationKind.Folder when !Path.IsPathRooted(options.Path):
                yield return $"{at}:Path is \"{options.Path}\"; a destination of the kind Folder needs the absolute path of a folder.";
                break;
            case DestinationKind.S3:
                foreach (var problem in ProblemsOfS3(at, options))
                {
                    yield return problem;
                }
                break;
            case DestinationKind.WebDav:
                foreach (var problem in ProblemsOfWebDav(at, options))
                {
                    yield return problem;
                }
                break;
            case DestinationKind.Put:
                foreach (var problem in ProblemsOfPut(at, options))
                {
                    yield return problem;
                }
                break;
            case DestinationKind.Sftp:
                foreach (var problem in ProblemsOfSftp(at, options))
                {
                    yield return problem;
                }
                break;
            default:
                break;
        }
        if (options.Proxy.Length > 0 && !IsAddress(options.Proxy))
        {
            yield return $"{at}:Proxy must be an http or https address, such as http://proxy.example.org:3128.";
        }
        if (options.Secret.Length > 0 && options.SecretFile.Length > 0)
        {
            yield return $"{at} has both Secret and SecretFile; give one of them.";
        }
        foreach (
            var (option, file) in new[]
                {
                    ("Authorities", options.Authorities),
                    ("SecretFile", options.SecretFile),
                    ("KeyFile", options.KeyFile),
                }
        )
        {
            if (file.Length > 0 && !Path.IsPathRooted(file))
            {
                yield return $"{at}:{option} is \"{file}\", which is no absolute path.";
            }
        }
    }

    private static IEnumerable<string> ProblemsOfS3(string at, DestinationOptions options)
    {
        if (options.Endpoint.Length > 0 && !IsAddress(options.Endpoint))
        {
            yield return $"{at}:Endpoint must be an http or https address without user, query and fragment, such as https://minio.example.org:9000.";
        }
        if (!BucketName().IsMatch(options.Bucket))
        {
            yield return $"{at}:Bucket is \"{options.Bucket}\"; a bucket's name has 3 to 63 lower-case letters, digits, points and hyphens.";
        }
        if (options.Region.Length == 0)
        {
            yield return $"{at}:Region is empty; take us-east-1 where the store has no regions.";
        }
        if (options.User.Length == 0 || (options.Secret.Length == 0 && options.SecretFile.Length == 0))
        {
            yield return $"{at} needs User (the id of the access key), and Secret or SecretFile.";
        }
        if (options.Encryption is not ("" or "AES256" or "aws:kms"))
        {
            yield return $"{at}:Encryption is \"{options.Encryption}\"; it must be AES256, aws:kms, or empty.";
        }
        if (options.KmsKey.Length > 0 && options.Encryption != "aws:kms")
        {
            yield return $"{at}:KmsKey needs Encryption to be aws:kms.";
        }
        var tags = Destinations.Words(options.Tags);
        if (tags.Length > 10 || Array.Exists(tags, tag => tag.IndexOf('=', StringComparison.Ordinal) < 1))
        {
            yield return $"{at}:Tags must be up to 10 pairs such as department=history, separated by commas.";
        }
    }

    private static IEnumerable<string> ProblemsOfPut(string at, DestinationOptions options)
    {
        if (options.Endpoint.Length > 0)
        {
            yield return $"{at}:Endpoint is of no use: the address of a destination of the kind Put is a secret. Give it in Secret or SecretFile, or let each start give its own.";
        }
        if (options.Secret.Length > 0 && PresignedAddress.Problem(options.Secret) is { } problem)
        {
            yield return $"{at}:Secret {problem}; such as https://upload.example.org/{PutDestination.NameHere}?token=….";
        }
        if (PutDestination.HeadersOf(options.Headers).Any(header => !HeaderName().IsMatch(header.Name)))
        {
            yield return $"{at}:Headers must be pairs such as x-ms-blob-type: BlockBlob, separated by semicolons.";
        }
    }

    private static IEnumerable<string> ProblemsOfSftp(string at, DestinationOptions options)
    {
        if (
            !Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var server)
            || server.Scheme != "sftp"
            || server.UserInfo.Length > 0
            || server.PathAndQuery.Trim('/').Length > 0
        )
        {
            yield return $"{at}:Endpoint must be a server without user and path, such as sftp://files.example.org:2222; the folder belongs into Path.";
        }
        if (options.User.Length == 0)
        {
            yield return $"{at}:User is empty; it is the user who signs in.";
        }
        if (options.KeyFile.Length == 0 && options.Secret.Length == 0 && options.SecretFile.Length == 0)
        {
            yield return $"{at} needs KeyFile, or Secret or SecretFile with the password.";
        }
        if (
            !SftpConnection.FingerprintsOf(options.HostKey).Any()
            || SftpConnection.FingerprintsOf(options.HostKey).Any(print => !Fingerprint().IsMatch(print))
        )
        {
            yield return $"{at}:HostKey must be the SHA256 fingerprint of the server's host key. On the server, ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub prints it.";
        }
        if (options.HashCommand.AsSpan().IndexOfAny('\n', '\r') >= 0)
        {
            yield return $"{at}:HashCommand must be one line, such as sha256sum.";
        }
    }

    private static IEnumerable<string> ProblemsOfWebDav(string at, DestinationOptions options)
    {
        if (!IsAddress(options.Endpoint))
        {
            yield return $"{at}:Endpoint must be the http or https address of a folder, without user, query and fragment, such as https://cloud.example.org/remote.php/dav/files/recorder/Recordings.";
        }
        if ((options.User.Length == 0) != (options.Secret.Length == 0 && options.SecretFile.Length == 0))
        {
            yield return $"{at} needs User together with Secret or SecretFile, or none of them.";
        }
        if (options.User.Contains(':', StringComparison.Ordinal))
        {
            yield return $"{at}:User has a colon, which no user of a WebDAV server can have.";
        }
        if (WebDavDestination.InChunks(options) && ChunkedUpload.UploadsOf(options.Endpoint) is null)
        {
            yield return $"{at}:Nextcloud needs an Endpoint with /dav/files/USER, such as https://cloud.example.org/remote.php/dav/files/recorder/Recordings.";
        }
    }

    /// <summary>Whether a destination is a folder of the node, or inside or around one. There a delivered record would
    /// look like a record of the node.</summary>
    private static bool Meets(DestinationOptions options, string own)
    {
        if (options.Kind != DestinationKind.Folder || !Path.IsPathRooted(options.Path) || own.Length == 0)
        {
            return false;
        }
        var (there, here) = (WithSlash(options.Path), WithSlash(own));
        return there.StartsWith(here, StringComparison.Ordinal) || here.StartsWith(there, StringComparison.Ordinal);
    }

    private static string WithSlash(string folder) => Real(Path.GetFullPath(folder), 0).TrimEnd('/') + "/";

    /// <summary>Where a path leads when its links are followed.</summary>
    private static string Real(string path, int depth)
    {
        const int Deepest = 40;
        var at = "/";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at = Path.Join(at, part);
            if (depth < Deepest && new FileInfo(at).LinkTarget is { } target)
            {
                at = Real(Path.GetFullPath(target, Path.GetDirectoryName(at)!), depth + 1);
            }
        }
        return at;
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && address.Scheme is "http" or "https"
        && address.UserInfo.Length == 0
        && address.Query.Length == 0
        && address.Fragment.Length == 0;

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex BucketName();

    [GeneratedRegex(@"\A[A-Za-z0-9-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderName();

    [GeneratedRegex(@"\A[A-Za-z0-9+/]{43}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Fingerprint();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DestinationName();
}
