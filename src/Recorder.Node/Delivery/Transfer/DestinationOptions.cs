using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>The kinds of destinations, besides the command of <c>Delivery:Command</c>.</summary>
internal enum DestinationKind
{
    /// <summary>A folder that the node's host has mounted.</summary>
    Folder,

    /// <summary>A bucket of an S3 store.</summary>
    S3,

    /// <summary>A folder of a WebDAV server, such as Nextcloud.</summary>
    WebDav,

    /// <summary>An address that takes one file by one PUT, such as a presigned one.</summary>
    Put,

    /// <summary>A folder of an SSH server.</summary>
    Sftp,
}

/// <summary>How a destination is asked whether it has what was sent.</summary>
internal enum Verification
{
    /// <summary>By the content: a sum that the destination has made itself, or else the copy is read back.</summary>
    Content,

    /// <summary>By the length alone.</summary>
    Length,
}

/// <summary>One destination of records: an entry of <c>Destinations</c> in the configuration.</summary>
internal sealed class DestinationOptions
{
    [Description("What the destination is.")]
    public DestinationKind? Kind { get; set; }

    [Description(
        "The template of the names of records at the destination. Placeholders: {record}, {session}, {n}, {date}, "
            + "{time}, {name}, {labels.KEY}, {page.host}, {ext}. Slashes make folders. A template that does not end with {record} or "
            + "{session}-{n} gets both ids at its end, so that no record replaces another one."
    )]
    public string Name { get; set; } = "{record}.{ext}";

    [Description("What goes there, separated by commas: record, manifest.")]
    public string What { get; set; } = "record, manifest";

    [Description(
        "Folder: the absolute path of the folder, which must exist. Sftp: the same on the server; a relative path counts from the user's home. S3 and WebDav: what stands before every name, such as recordings/2026."
    )]
    public string Path { get; set; } = "";

    [Description(
        "S3: the address of the store, such as https://minio.example.org:9000. Empty: Amazon's store in Region. WebDav: the "
            + "address of a folder that exists, such as https://cloud.example.org/remote.php/dav/files/recorder/Recordings. "
            + "Sftp: the server, such as sftp://files.example.org or sftp://files.example.org:2222."
    )]
    public string Endpoint { get; set; } = "";

    [Description("S3: the bucket. The bucket must exist.")]
    public string Bucket { get; set; } = "";

    [Description("S3: the region. Most stores other than Amazon's accept us-east-1.")]
    public string Region { get; set; } = "us-east-1";

    [Description(
        "S3: whether the bucket stands in the path of addresses, as MinIO, Ceph and Garage want it. False: in the host name."
    )]
    public bool PathStyle { get; set; }

    [Description("S3: the id of the access key. WebDav and Sftp: the user. Empty for WebDav: no sign-in.")]
    public string User { get; set; } = "";

    [Description(
        "S3: the secret access key. WebDav and Sftp: the password, or the passphrase of KeyFile. Put: the address of all records, with "
            + "{name} where their names go. Better give the secret in SecretFile or in the environment."
    )]
    public string Secret { get; set; } = "";

    [Description(
        "A file whose first line is the secret. The file is read anew for each attempt, so a new secret counts at once."
    )]
    public string SecretFile { get; set; } = "";

    [Description("S3: the storage class of the objects, such as STANDARD_IA. Empty: the bucket's own.")]
    public string StorageClass { get; set; } = "";

    [Description("S3: how the store encrypts the objects: AES256 or aws:kms. Empty: as the bucket does.")]
    public string Encryption { get; set; } = "";

    [Description("S3: the id of the key for aws:kms. Empty: the account's own key.")]
    public string KmsKey { get; set; } = "";

    [Description("S3: tags of the objects as key=value, separated by commas; 10 at most.")]
    public string Tags { get; set; } = "";

    [Description(
        "S3 and Nextcloud: how long the parts of a longer file are. A transfer keeps Parallel + 1 parts in memory, or one for Nextcloud. A file of more than 10000 parts gets longer parts."
    )]
    [Range("5 MiB", "256 MiB")]
    public ByteSize PartSize { get; set; } = new(16 << 20);

    [Description("S3: how many parts are sent at the same time.")]
    [Range(1, 8)]
    public int Parallel { get; set; } = 2;

    [Description(
        "WebDav: whether longer files go in chunks, as Nextcloud wants them. An address with /remote.php/dav/files/ means so anyway."
    )]
    public bool Nextcloud { get; set; }

    [Description("Put: headers of the request, as name: value, separated by semicolons, such as x-ms-blob-type: BlockBlob.")]
    public string Headers { get; set; } = "";

    [Description(
        "Sftp: the fingerprint of the server's host key, such as SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU. Several are separated by commas. ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub prints it on the server."
    )]
    public string HostKey { get; set; } = "";

    [Description("Sftp: the file of the user's private key. Empty: the user signs in with the password.")]
    public string KeyFile { get; set; } = "";

    [Description(
        "Sftp: the server's command that prints the SHA-256 of a file, such as sha256sum. Empty, or where the server runs no commands: the copy is read back."
    )]
    public string HashCommand { get; set; } = "";

    [Description(
        "WebDav, Sftp and S3: how the copy is compared before the record counts as delivered. Content: by a sum that the server has made itself, or else the copy is read back. Length: by its length alone where the server tells no sum."
    )]
    public Verification Verify { get; set; }

    [Description(
        "What becomes of a record on its node after the delivery: keep, or how long the record stays, such as 7 d. The time "
            + "begins when all destinations of the record have the record. A record stays when one of its destinations says keep."
    )]
    public string KeepLocal { get; set; } = "keep";

    [Description(
        "S3: whether a record is sent while it grows. A host whose disk is lost for good then loses no more than the "
            + "newest part, and another node makes an object of the parts. A start may decide otherwise."
    )]
    public bool WhileRecording { get; set; }

    [Description(
        "A file with the certificates (PEM) of the only authorities whose certificates are accepted. Empty: those of the host."
    )]
    public string Authorities { get; set; } = "";

    [Description("The proxy on the way, such as http://proxy.example.org:3128. Empty: none.")]
    public string Proxy { get; set; } = "";

    [Description(
        "The most bytes a second that one transfer to this destination sends; 0 B: no limit besides Delivery:Bandwidth."
    )]
    [Range("0 B", "100 GB")]
    public ByteSize Bandwidth { get; set; }

    [Description("How long a transfer may stand still before the attempt has failed.")]
    [Range("1 s", "1 h")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);
}
