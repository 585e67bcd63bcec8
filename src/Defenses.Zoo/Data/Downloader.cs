using System.IO.Compression;
using System.Security.Cryptography;

namespace Defenses.Zoo;

/// <summary>Downloads files from mirrors with repeated attempts. The checksum is compared before a file gets its name; no partial file remains.</summary>
internal sealed class Downloader(HttpClient http, IProgress<DownloadProgress>? progress)
{
    private static readonly HttpClient Shared = new() { Timeout = Timeout.InfiniteTimeSpan };

    public Downloader(IProgress<DownloadProgress>? progress) : this(Shared, progress) { }

    /// <summary>The number of attempts at each mirror before the next one.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>The waiting time before an attempt is repeated; doubled each time.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The time without data from the server after which an attempt is stopped.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Downloads a file into a folder, unless the correct file exists already.</summary>
    /// <exception cref="IOException">Every attempt at every mirror failed; the message gives the reason for each.</exception>
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
                if (failure is InvalidDataException) break;       // another attempt would give the same wrong content
            }
        }

        throw new IOException($"'{file.Name}' could not be fetched into '{folder}'. "
            + $"Check the connection, or put the file there by hand. What was tried:{string.Concat(failures.Select(f => $"\n  {f}"))}");
    }

    // Returns the network failure, or null; local failures (disk, cancellation) are thrown.
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
        using var response = await RequestAsync(t => http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, t), silence, cancellation)
            .ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var source = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[1 << 16];
        long received = 0;
        for (int read; (read = await RequestAsync(t => source.ReadAsync(buffer, t).AsTask(), silence, cancellation).ConfigureAwait(false)) > 0;)
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

    // Turns all network failures into one type of exception, separate from disk failures.
    private async Task<T> RequestAsync<T>(Func<CancellationToken, Task<T>> request, CancellationTokenSource silence, CancellationToken cancellation)
    {
        try
        {
            return await request(silence.Token).ConfigureAwait(false);
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
            return false;                                         // damaged gzip: it is downloaded again
        }
    }

    private static async Task<string> SumAsync(RemoteFile file, Stream stream, CancellationToken cancellation)
    {
        Stream content = file.SumOfContent ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : stream;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation).ConfigureAwait(false));
    }
}

/// <summary>A file that can be downloaded: its mirrors and its checksum.</summary>
/// <param name="Name">Its name at the source and, unless unpacked, in the folder.</param>
/// <param name="Sha256">SHA-256 in lower-case digits: of the decompressed content if <paramref name="SumOfContent"/>, else of the file.</param>
/// <param name="SumOfContent">Whether the file is gzip and the checksum is that of its content, because gzip files of the
/// same content differ between mirrors.</param>
/// <param name="Mirrors">Base addresses, tried in order; each ends with a slash.</param>
internal sealed record RemoteFile(string Name, string Sha256, bool SumOfContent, IReadOnlyList<Uri> Mirrors);
