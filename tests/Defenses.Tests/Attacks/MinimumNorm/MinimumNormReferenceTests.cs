using System.Text.Json;
using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>DeepFool and C&amp;W against what independent implementations found on the same network and images.</summary>
public sealed class MinimumNormReferenceTests
{
    [Theory]
    [InlineData("L2", "deepfool_l2_50_0.02")]
    [InlineData("Linf", "deepfool_linf_50_0.02")]
    public void DeepFool_equals_the_reference_pixel_by_pixel(string normName, string name)
    {
        using var network = ReferenceNetwork.Load();
        using var scope = NewDisposeScope();
        var (x, labels) = ReferenceNetwork.Vendor();
        var expected = Npy.Read(SharedFiles.Copied($"vendor/adversarial_{name}_f32.npy")).view(x.shape);
        using var result = new DeepFool { Norm = Norms.ByName(normName) }.Run(new Classifier(network, Bounds.Unit), x, labels);
        result.Met.all().ToBoolean().Should().BeTrue();
        (result.Adversarial - expected).abs().le(1e-3).to_type(ScalarType.Float64).mean().ToDouble().Should().BeGreaterThanOrEqualTo(0.999);
    }

    [SharedFact("reference")]
    public void Carlini_and_wagner_with_one_constant_finds_what_the_others_find() =>
        Compare("cw_1x100_c1_untargeted", first: 0, count: 12, new CarliniWagner { SearchSteps = 1, Steps = 100, InitialConstant = 1, AbortEarly = false });

    [SharedFact("reference")]
    public void Carlini_and_wagner_with_a_search_finds_what_the_others_find() =>
        Compare("cw_9x100_c0.001_untargeted", first: 6, count: 5,
            new CarliniWagner { SearchSteps = 9, Steps = 100, InitialConstant = 1e-3, AbortEarly = false });

    // Per image: success where the reference succeeds, no larger than 1.02 times its L2.
    private static void Compare(string settings, int first, int count, CarliniWagner attack)
    {
        using var network = ReferenceNetwork.Load();
        using var scope = NewDisposeScope();
        var (images, classes) = ReferenceNetwork.Mnist();
        var (x, labels) = (images.narrow(0, first, count), classes.narrow(0, first, count));
        using var result = attack.Run(new Classifier(network, Bounds.Unit), x, labels);
        using var json = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("reference/reference.json")));
        var foolbox = json.RootElement.GetProperty(settings).GetProperty("implementations").GetProperty("foolbox");
        var succeeded = 0;
        for (var i = 0; i < count; i++)
        {
            if (foolbox.GetProperty("success")[first + i].GetInt32() == 0) continue;
            succeeded++;
            result.Met[i].ToBoolean().Should().BeTrue($"image {first + i} is broken by others");
            (result.Size[i].ToDouble() / foolbox.GetProperty("l2")[first + i].GetDouble()).Should().BeInRange(0.9, 1.02);
        }

        succeeded.Should().BeGreaterThan(2);
        result.Met.sum().ToInt64().Should().BeGreaterThanOrEqualTo(succeeded);
    }
}
