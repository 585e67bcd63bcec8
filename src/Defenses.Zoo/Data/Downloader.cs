using System.IO.Compression;
using System.Security.Cryptography;

namespace Defenses.Zoo;

/// <summary>Fetches files: checksum compared before a file gets its name, mirrors and repeated attempts, nothing half-written left.</summary>
internal sealed class Downloader(HttpClient http, IProgress<DownloadProgress>? progress)
{
    private static readonly HttpClient Shared = new() { Timeout = Timeout.InfiniteTimeSpan };

    public Downloader(IProgress<DownloadProgress>? progress) : this(Shared, progress) { }

    /// <summary>How often each mirror is asked before the next one.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Waiting time before an attempt is repeated; doubled each time.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may send nothing before the attempt is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Fetches a file into a folder, unless the right one is there already.</summary>
    /// <exception cref="IOException">Every attempt at every mirror failed; the message tells why each did.</exception>
    public async Task FetchAsync(RemoteFile file, string folder, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, file.Name);
        if (File.Exists(path) && await IsRightAsync(file, path, cancellation).ConfigureAwait(false)) return;
        TargetFile.Check(path);
        var failures = new List<string>();
        foreach (var mirror in file.Mirrors)
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var address = new Uri(mirror, file.Name);
                if (attempt > 0) await Task.Delay(Pause * (1 << (attempt - 1)), cancellation).ConfigureAwait(false);
                var failure = await TryAsync(file, address, path, cancellation).ConfigureAwait(false);
                if (failure is null) return;
                failures.Add($"{address}: {failure.Message}");
                if (failure is InvalidDataException) break;       // a wrong content stays wrong
            }
        }

        throw new IOException($"'{file.Name}' could not be fetched into '{folder}'. "
            + $"Check the connection, or put the file there by hand. What was tried:{string.Concat(failures.Select(f => $"\n  {f}"))}");
    }

    // What went wrong on the way, or null; what is wrong on this machine (the disk, a cancellation) is thrown.
    private async Task<Exception?> TryAsync(RemoteFile file, Uri address, string path, CancellationToken cancellation)
    {
        try
        {
            await AtomicFile.WriteAsync(path, target => ReceiveAsync(file, address, target, cancellation)).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or InvalidDataException)
        {
            return e;
        }
    }

    private async Task ReceiveAsync(RemoteFile file, Uri address, FileStream target, CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(Patience);
        using var response = await AskAsync(t => http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, t), silence, cancellation).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var source = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[1 << 16];
        long received = 0;
        for (int read; (read = await AskAsync(t => source.ReadAsync(buffer, t).AsTask(), silence, cancellation).ConfigureAwait(false)) > 0;)
        {
            silence.CancelAfter(Patience);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            received += read;
            progress?.Report(new DownloadProgress(file.Name, received, response.Content.Headers.ContentLength));
        }

        target.Position = 0;
        var sum = await SumAsync(file, target, cancellation).ConfigureAwait(false);
        if (sum != file.Sha256) throw new InvalidDataException($"the content is not the right one (SHA-256 {sum}, wanted {file.Sha256}).");
    }

    // What the network does wrong comes out as one kind of exception, apart from what the disk does wrong.
    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationTokenSource silence, CancellationToken cancellation)
    {
        try
        {
            return await ask(silence.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"the server sent nothing for {Patience.TotalSeconds:0.###} seconds.");
        }
        catch (IOException e)
        {
            throw new HttpRequestException($"the connection broke: {e.Message}", e);
        }
    }

    private static async Task<bool> IsRightAsync(RemoteFile file, string path, CancellationToken cancellation)
    {
        using var stream = File.OpenRead(path);
        try
        {
            return await SumAsync(file, stream, cancellation).ConfigureAwait(false) == file.Sha256;
        }
        catch (InvalidDataException)
        {
            return false;                                         // damaged gzip: to be fetched again
        }
    }

    private static async Task<string> SumAsync(RemoteFile file, Stream stream, CancellationToken cancellation)
    {
        Stream content = file.SumOfContent ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : stream;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation).ConfigureAwait(false));
    }
}
