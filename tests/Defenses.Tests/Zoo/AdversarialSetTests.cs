using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Tests.Contracts;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class AdversarialSetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_saved_is_loaded_bit_for_bit(bool targeted)
    {
        using var scope = NewDisposeScope();
        using var set = Make(targeted);
        set.Save(_folder.At("set"));
        using var loaded = AdversarialSet.Load(_folder.At("set"));
        foreach (var (ours, theirs) in new[] { (set.Images, loaded.Images), (set.Adversarial, loaded.Adversarial), (set.Labels, loaded.Labels),
            (set.Met, loaded.Met), (set.Sizes, loaded.Sizes) })
        {
            theirs.dtype.Should().Be(ours.dtype);
            theirs.bytes.ToArray().Should().Equal(ours.bytes.ToArray());
        }

        (loaded.Targets is not null).Should().Be(targeted);
        if (targeted) loaded.Targets!.data<long>().ToArray().Should().Equal(2, 1);
        (loaded.Name, loaded.Attack, loaded.WeightsHash, loaded.Bounds).Should().Be((set.Name, set.Attack, set.WeightsHash, set.Bounds));
        loaded.ClassNames.Should().Equal("ant", "bee, large", "\"cat\"");
        loaded.Seeds.Should().Equal(new Dictionary<string, ulong> { ["attack"] = ulong.MaxValue, ["defense"] = 2 });
    }

    [Fact]
    public void An_attack_is_judged_later_as_it_was_judged_at_once()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("fc", nn.Linear(4, 3)));
        using (no_grad()) network.parameters().First().copy_(eye(3, 4));
        network.eval();
        var model = new Classifier(network, Defenses.Models.Bounds.Unit);
        var (x, labels) = (linspace(0, 1, 24).reshape(6, 4), tensor(new long[] { 2, 2, 1, 0, 2, 2 }));
        var attack = new Fgsm(0.2) { Seed = 7 };
        using var result = attack.Run(model, x, labels);
        using (var set = new AdversarialSet(x, result.Adversarial, labels, result.Met, result.Size)
        {
            Attack = attack.ToString(), Seeds = new Dictionary<string, ulong> { ["attack"] = 7 }, WeightsHash = network.HashWeights(),
        })
        {
            set.Save(_folder.At("set"));
        }

        using var loaded = AdversarialSet.Load(_folder.At("set"));
        loaded.WeightsHash.Should().Be(network.HashWeights());
        var judge = new Judge(3) { Seed = 1 };
        judge.Measure(model, loaded.Adversarial, loaded.Labels).Met.Should().Equal(judge.Measure(model, result.Adversarial, labels).Met);
        var images = LabeledImages.From(loaded);
        images.Read(2, 3).Images.eq(result.Adversarial.narrow(0, 2, 3)).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void A_file_that_was_changed_or_is_another_is_refused()
    {
        using var scope = NewDisposeScope();
        using (var set = Make(false)) set.Save(_folder.At("set"));
        var file = File.ReadAllBytes(_folder.At("set"));
        file[^1] ^= 1;
        Loading(_folder.Write("flipped", file)).WithMessage("*flipped*SHA-256*bytes have changed*");
        Safetensors.Write(_folder.At("other"), new Dictionary<string, Tensor> { ["images"] = ones(1), ["labels"] = ones(1) });
        Loading(_folder.At("other")).WithMessage("*saved AdversarialSet*holds: images, labels*ArraySet.FromSafetensors*");
        using var good = Safetensors.Read(_folder.At("set"));
        var tensors = good.ToDictionary(entry => entry.Key, entry => entry.Value);
        tensors["labels"] = tensors["labels"].unsqueeze(1);
        Safetensors.Write(_folder.At("column"), tensors, good.Metadata);
        Loading(_folder.At("column")).WithMessage("*breaks a rule: labels must be int64 classes of shape (2,)*");
        Safetensors.Write(_folder.At("note"), good, new Dictionary<string, string> { ["defenses.adversarial"] = "{" });
        Loading(_folder.At("note")).WithMessage("*breaks a rule*");
        Safetensors.Write(_folder.At("version"), good, new Dictionary<string, string> { ["defenses.adversarial"] = "{\"Version\":2}" });
        Loading(_folder.At("version")).WithMessage("*version 1*");
    }

    [Fact]
    public void Arguments_that_do_not_belong_together_are_refused()
    {
        using var scope = NewDisposeScope();
        var (x, labels, met, sizes) = (zeros(2, 1, 3, 3), tensor(new long[] { 0, 1 }), tensor(new[] { true, false }), zeros(2));
        Making(zeros(2), x, labels, met, sizes).WithMessage("images*");
        Making(x, zeros(2, 1, 3, 4), labels, met, sizes).WithMessage("adversarial*(2, 1, 3, 4)*");
        Making(x, full_like(x, double.NaN), labels, met, sizes).WithMessage("adversarial*NaN*");
        Making(x, x, labels.unsqueeze(1), met, sizes).WithMessage("labels must be int64*(2, 1)*");
        Making(x, x, labels - 1, met, sizes).WithMessage("labels*[-1, 0]*");
        Making(x, x, labels, labels, sizes).WithMessage("met must be bool*");
        Making(x, x, labels, met, labels).WithMessage("sizes must be floating point*");
        Making(x, x, labels, met, sizes, sizes).WithMessage("targets must be int64*");
        FluentActions.Invoking(() => new AdversarialSet(x, x, labels, met, sizes) { ClassNames = ["a"] }).Should()
            .Throw<ArgumentException>().WithMessage("*are 1*class 1*");
    }

    [Fact]
    public void Pictures_show_original_attacked_and_scaled_difference_and_a_table_says_the_scale()
    {
        using var scope = NewDisposeScope();
        using var set = Make(true);
        set.WritePictures(_folder.At("out"), zoom: 2);
        _folder.Files.Should().Equal("out/00000-ant-x2.png", "out/00001-bee__large-x1.png", "out/pictures.csv");
        var picture = Pictures.Read(_folder.At("out/00000-ant-x2.png"), new PictureOptions { Grey = true }).mul(255).round();
        picture.shape.Should().Equal(1, 6, (3 * 6) + 4);
        picture[0, 0, 0].ToSingle().Should().Be(128, "the original is 0.5");
        picture[0, 0, 6].ToSingle().Should().Be(255, "white stands between");
        picture[0, 0, 8].ToSingle().Should().Be(191, "0.5 + 0.25");
        picture[0, 0, 16].ToSingle().Should().Be(255, "0.5 + 2·0.25");
        picture[0, 5, 21].ToSingle().Should().Be(128, "no difference");
        File.ReadAllLines(_folder.At("out/pictures.csv")).Should().Equal("file,label,target,met,size,differenceScale",
            "00000-ant-x2.png,ant,\"\"\"cat\"\"\",yes,0.25,2", "00001-bee__large-x1.png,\"bee, large\",\"bee, large\",no,0,1");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 1)]
    [InlineData(0.1, 5)]
    [InlineData(8 / 255.0, 10)]
    [InlineData(1, 0.5)]
    [InlineData(0.024, 20)]
    public void The_scale_is_the_largest_round_number_that_keeps_differences_in_range(double largest, double scale) =>
        AdversarialPictures.Scale(largest).Should().Be(scale);

    [Fact]
    public void Nothing_is_left_behind() => Leaks.None(() =>
    {
        using (var set = Make(true))
        {
            set.Save(_folder.At("set"));
            set.WritePictures(_folder.At("out"));
        }

        using var loaded = AdversarialSet.Load(_folder.At("set"));
        var (x, y) = loaded.Batch([1]);
        x.Dispose();
        y.Dispose();
    });

    private static AdversarialSet Make(bool targeted)
    {
        using var scope = NewDisposeScope();
        var x = full([2, 1, 3, 3], 0.5f);
        var attacked = x.clone();
        attacked[0, 0, 0, 0] = 0.75f;
        return new AdversarialSet(x, attacked, tensor(new long[] { 0, 1 }), tensor(new[] { true, false }), tensor(new[] { 0.25f, 0 }),
            targeted ? tensor(new long[] { 2, 1 }) : null)
        {
            Name = "insects", ClassNames = ["ant", "bee, large", "\"cat\""], Attack = "Fgsm { Epsilon = 0.25 }", WeightsHash = "abc",
            Seeds = new Dictionary<string, ulong> { ["defense"] = 2, ["attack"] = ulong.MaxValue },
        };
    }

    private static FluentAssertions.Specialized.ExceptionAssertions<InvalidDataException> Loading(string path) =>
        FluentActions.Invoking(() => AdversarialSet.Load(path)).Should().Throw<InvalidDataException>();

    private static FluentAssertions.Specialized.ExceptionAssertions<ArgumentException> Making(
        Tensor x, Tensor adversarial, Tensor labels, Tensor met, Tensor sizes, Tensor? targets = null) =>
        FluentActions.Invoking(() => new AdversarialSet(x, adversarial, labels, met, sizes, targets)).Should().Throw<ArgumentException>();
}
