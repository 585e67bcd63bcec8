namespace TorchSharp.Lite.Tests.Lite;

public sealed class LoaderTests
{
    [Fact]
    public void A_missing_shim_says_what_to_run() =>
        FluentActions.Invoking(() => Loader.Load(Loader.FileName(Path.Combine(Path.GetTempPath(), "nowhere"))))
            .Should().Throw<DllNotFoundException>().WithMessage("*is missing*apt-get install*libtorch-dev*TorchBackend=lite*");

    [Fact]
    public void A_library_that_cannot_be_loaded_says_what_to_run()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "not a library");
            FluentActions.Invoking(() => Loader.Load(file)).Should().Throw<DllNotFoundException>().WithMessage("*libtorch*apt-get install*");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_library_without_the_functions_is_refused_by_name() =>
        FluentActions.Invoking(() => Loader.Load(new[] { "/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6", "/lib64/libm.so.6" }.First(File.Exists)))
            .Should().Throw<EntryPointNotFoundException>().WithMessage("*lite_*TorchBackend=lite*");

    [Fact]
    public void An_unknown_operator_is_an_error_of_libtorch() =>
        FluentActions.Invoking(() => Op.Require("no_such_operator")).Should().Throw<Exception>().WithMessage("*no_such_operator*");

    [Fact]
    public void Too_many_arguments_are_an_error() =>
        FluentActions.Invoking(() => Op.Call("neg", torch.ones(1), 1, 2)).Should().Throw<Exception>().WithMessage("*at most 1*got 3*");

    [Fact]
    public void An_argument_without_a_default_is_named() =>
        FluentActions.Invoking(() => Op.Call("add.Tensor", torch.ones(1))).Should().Throw<Exception>().WithMessage("*'other'*no default*");
}
