using Defenses.Cli;

namespace Defenses.Tests.Cli;

public sealed class TorchLibraryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("torch-library-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The messages are those of glibc's and musl's loaders.
    [Theory]
    [InlineData("/app/libLibTorchSharp.so: /lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)",
        "older than GCC 13", "LoadTorchOnOlderLinux")]
    [InlineData("/app/libLibTorchSharp.so: /lib/libc.so.6: version `GLIBC_2.34' not found (required by /app/libtorch_cpu.so)", "no GLIBC_2.34", "glibc 2.34")]
    [InlineData("libgomp-98b21ff3.so.1: cannot open shared object file: No such file or directory", "no libgomp-98b21ff3.so.1", "libgomp1")]
    [InlineData("Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /app/libLibTorchSharp.so)", "glibc", "Alpine")]
    [InlineData(TorchLibrary.NoLibrary, "not beside the program", "TorchSharp-cpu")]
    [InlineData("Unable to load shared library '/app/x.so' or one of its dependencies. Consider strace.\n/app/x.so: invalid ELF header\n",
        "invalid ELF header", "README")]
    public void What_the_loader_says_becomes_two_lines_what_is_missing_and_what_to_install(string said, string missing, string cure)
    {
        if (OperatingSystem.IsWindows() && cure == "README") return;   // there the way out of the unknown is the C++ runtime
        var lines = TorchLibrary.Explain(said).Split(Environment.NewLine);
        lines.Should().HaveCount(2);
        lines[0].Should().StartWith("torch cannot be loaded: ").And.Contain(missing);
        lines[1].Should().Contain(cure);
    }

    [Fact]
    public void A_program_without_the_library_and_one_with_a_broken_library_are_told_apart_from_one_that_loads()
    {
        TorchLibrary.LoaderMessage(AppContext.BaseDirectory).Should().BeNull();
        TorchLibrary.LoaderMessage(_folder).Should().Be(TorchLibrary.NoLibrary);
        foreach (var name in new[] { "libLibTorchSharp.so", "LibTorchSharp.dll", "libLibTorchSharp.dylib" }) File.WriteAllText(Path.Combine(_folder, name),
            "no library");
        TorchLibrary.LoaderMessage(_folder).Should().NotBeNullOrEmpty();
    }
}
