using System.Security.Cryptography;
using Defenses.Tests.Reference;
using Defenses.Zoo;

namespace Defenses.Tests.Zoo;

public sealed class DownloaderTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * i / 7))];
    private readonly TempFolder _folder = new();
    private readonly LocalServer _server = new();

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_right_file_gets_its_name_and_progress_is_reported()
    {
        _server.Reply = (_, _) => new(200, Content);
        var told = new List<DownloadProgress>();
        await Make(new Told(told)).FetchAsync(Remote(), _folder.Path, default);
        File.ReadAllBytes(_folder.At("data.bin")).Should().Equal(Content);
        _folder.Files.Should().Equal("data.bin");
        told[^1].Should().Be(new DownloadProgress("data.bin", Content.Length, Content.Length));
        told.Select(p => p.Received).Should().BeInAscendingOrder();
    }

    [Fact]
    public async Task Where_the_file_cannot_be_written_nothing_is_asked_for()
    {
        Directory.CreateDirectory(_folder.At("data.bin"));
        await FluentActions.Awaiting(() => Make().FetchAsync(Remote(), _folder.Path, default)).Should().ThrowAsync<IOException>().WithMessage("*is a folder*");
        await FluentActions.Awaiting(() => Make().FetchAsync(Remote(), _folder.At("no"), default)).Should().ThrowAsync<DirectoryNotFoundException>();
        _server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_gzip_file_is_judged_by_its_content_not_by_its_packing()
    {
        _server.Reply = (_, _) => new(200, TempFolder.Zip(Content));
        await Make().FetchAsync(Remote() with { Name = "data.gz", SumOfContent = true }, _folder.Path, default);
        _folder.Files.Should().Equal("data.gz");
    }

    [Fact]
    public async Task A_file_with_another_checksum_is_not_kept_and_the_next_mirror_is_tried()
    {
        _server.Reply = (path, _) => new(200, path.StartsWith("bad", StringComparison.Ordinal) ? [1, 2, 3] : Content);
        await Make().FetchAsync(Remote("bad/", "good/"), _folder.Path, default);
        _server.Requests.Should().Equal("bad/data.bin", "good/data.bin");
        File.ReadAllBytes(_folder.At("data.bin")).Should().Equal(Content);
    }

    [Fact]
    public async Task When_every_mirror_fails_no_file_remains_and_each_reason_is_reported()
    {
        _server.Reply = (path, _) => path.StartsWith("bad", StringComparison.Ordinal) ? new(200, [1, 2, 3]) : new(503, []);
        var fetch = () => Make().FetchAsync(Remote("bad/", "down/"), _folder.Path, default);
        await fetch.Should().ThrowAsync<IOException>().WithMessage("*data.bin*by hand*bad/data.bin*SHA-256*down/data.bin*503*");
        _folder.Files.Should().BeEmpty();
        _server.Requests.Should()
            .Equal(["bad/data.bin", "down/data.bin", "down/data.bin", "down/data.bin"], "a wrong content stays wrong, a busy server may recover");
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_is_tried_again()
    {
        _server.Reply = (_, request) => new(200, Content, CutAfter: request < 3 ? 100_000 : null);
        await Make().FetchAsync(Remote(), _folder.Path, default);
        _server.Requests.Should().HaveCount(3);
        File.ReadAllBytes(_folder.At("data.bin")).Should().Equal(Content);
        _folder.Files.Should().Equal("data.bin");
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up()
    {
        _server.Reply = (_, _) => new(200, Content, CutAfter: 1000, Stall: true);
        var fetch = () => Make(patience: 0.05).FetchAsync(Remote(), _folder.Path, default);
        await fetch.Should().ThrowAsync<IOException>().WithMessage("*sent nothing for 0.05 seconds*");
        _folder.Files.Should().BeEmpty();
    }

    [Fact]
    public async Task Cancelling_stops_at_once_and_leaves_nothing()
    {
        _server.Reply = (_, _) => new(200, Content, CutAfter: 1000, Stall: true);
        using var cancel = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        var fetch = Make(new Told([], started)).FetchAsync(Remote(), _folder.Path, cancel.Token);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await cancel.CancelAsync();
        await fetch.Invoking(f => f.WaitAsync(TimeSpan.FromSeconds(10))).Should().ThrowAsync<OperationCanceledException>();
        _folder.Files.Should().BeEmpty();
        _server.Requests.Should().HaveCount(1);
    }

    [Fact]
    public async Task A_right_file_that_is_there_already_is_kept_and_a_wrong_one_replaced()
    {
        _server.Reply = (_, _) => new(200, Content);
        _folder.Write("data.bin", Content);
        await Make().FetchAsync(Remote(), _folder.Path, default);
        _server.Requests.Should().BeEmpty();
        _folder.Write("data.bin", [1, 2, 3]);
        await Make().FetchAsync(Remote(), _folder.Path, default);
        File.ReadAllBytes(_folder.At("data.bin")).Should().Equal(Content);
    }

    [Fact]
    public async Task An_old_file_stays_when_its_replacement_fails()
    {
        _folder.Write("data.bin", [1, 2, 3]);
        await Make().Invoking(d => d.FetchAsync(Remote(), _folder.Path, default)).Should().ThrowAsync<IOException>().WithMessage("*404*");
        File.ReadAllBytes(_folder.At("data.bin")).Should().Equal(1, 2, 3);
        _folder.Files.Should().Equal("data.bin");
    }

    [Fact]
    public async Task A_data_set_whose_mirror_has_other_files_is_refused_and_leaves_nothing()
    {
        _server.Reply = (_, _) => new(200, TempFolder.Zip(IdxBytes.Images(1)));
        var fetch = () => Mnist.DownloadAsync(_folder.Path, mirrors: [_server.Address]);
        await fetch.Should().ThrowAsync<IOException>().WithMessage("*train-images-idx3-ubyte.gz*SHA-256*ba891046*");
        _folder.Files.Should().BeEmpty();
    }

    [SharedFact("data/fashion-mnist")]
    public async Task The_official_files_are_accepted_from_any_mirror_and_then_read()
    {
        _server.Reply = (path, _) => new(200, File.ReadAllBytes(SharedFiles.Find($"data/{path}")));
        await FashionMnist.DownloadAsync(_folder.Path, mirrors: [new Uri(_server.Address, "fashion-mnist")]);
        _folder.Files.Should().HaveCount(4).And.OnlyContain(file => file.EndsWith(".gz", StringComparison.Ordinal));
        using var test = FashionMnist.Test(_folder.Path);
        test.Provenance.Should().Be(Provenance.Official);
    }

    private RemoteFile Remote(params string[] mirrors) => new(
        "data.bin", Convert.ToHexStringLower(SHA256.HashData(Content)), false,
        [.. (mirrors.Length == 0 ? [""] : mirrors).Select(m => new Uri(_server.Address, m))]);

    private static Downloader Make(IProgress<DownloadProgress>? progress = null, double patience = 20) =>
        new(progress) { Pause = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromSeconds(patience) };

    private sealed class Told(List<DownloadProgress> list, TaskCompletionSource? first = null) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            list.Add(value);
            first?.TrySetResult();
        }
    }
}
