using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Defenses.Tests.Zoo;

/// <summary>An HTTP server on 127.0.0.1 whose answers a test scripts: whole, cut off in the middle, stalled, or an error.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public LocalServer()
    {
        _listener.Start();
        _loop = Task.Run(ServeAsync);
    }

    public delegate Answer Script(string path, int request);

    /// <summary>What to send: the content, how much of it, and whether the connection then stays open without a word.</summary>
    public sealed record Answer(int Status, byte[] Content, int? CutAfter = null, bool Stall = false);

    public Uri Address => new UriBuilder("http", $"{IPAddress.Loopback}", ((IPEndPoint)_listener.LocalEndpoint).Port).Uri;

    public ConcurrentQueue<string> Requests { get; } = new();

    public Script Reply { get; set; } = (_, _) => new Answer(404, []);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _loop.GetAwaiter().GetResult();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var clients = new List<Task>();
        try
        {
            while (true) clients.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException || _stop.IsCancellationRequested)   // stopped while, or before, it listened
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            var stream = client.GetStream();
            var request = new byte[8192];
            var length = await stream.ReadAsync(request, _stop.Token);
            var path = Encoding.ASCII.GetString(request, 0, length).Split(' ')[1].TrimStart('/');
            Requests.Enqueue(path);
            var answer = Reply(path, Requests.Count);
            var head = $"HTTP/1.1 {answer.Status} X\r\nContent-Length: {answer.Content.Length}\r\nConnection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
            await stream.WriteAsync(answer.Content.AsMemory(0, answer.CutAfter ?? answer.Content.Length), _stop.Token);
            if (answer.Stall) await Task.Delay(Timeout.Infinite, _stop.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client hung up, or the test is over.
        }
    }
}
