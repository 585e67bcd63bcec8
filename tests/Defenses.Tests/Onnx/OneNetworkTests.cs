using Defenses.Attacks;
using Defenses.Models;
using Defenses.Onnx;
using Defenses.Statistics;
using Defenses.Tests.Reference;
using Defenses.Zoo;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Defenses.Tests.Onnx;

/// <summary>One network as TorchScript, ONNX, .pth and safetensors, as PyTorch wrote it: the same accuracy and the same attacks.</summary>
public sealed class OneNetworkTests(ITestOutputHelper output) : IDisposable
{
    private const string Models = "reference/models/";
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [SharedFact(Models + "mnist-cnn.onnx")]
    public void All_formats_have_the_same_clean_accuracy()
    {
        using var test = Mnist.Test(SharedFiles.Find("data"));
        var count = Asked("DEFENSES_CLEAN_IMAGES", 1000);
        using var onnx = Onnx();
        using var script = Script();
        using var pth = Networks.HrsMnist(seed: 1, dropout: 0);
        pth.LoadWeights(SharedFiles.Find(Models + "mnist-cnn.pth"));
        pth.eval();
        using var safetensors = ReferenceNetwork.Load();
        ModelView[] models = [new Classifier(safetensors, Bounds.Unit), new Classifier(pth, Bounds.Unit), new Classifier(script, Bounds.Unit), onnx.Scores];
        var right = models.Select(model => Right(model, test, count)).ToList();
        output.WriteLine($"right of {count}: {string.Join(", ", right)}");
        right.Distinct().Should().ContainSingle();
        (right[0] / (double)count).Should().BeApproximately(0.9859, 4 * Math.Sqrt(0.9859 * 0.0141 / count), "98.59 % of all 10,000 are right");
    }

    [SharedFact(Models + "mnist-cnn.traced.pt")]
    public void White_box_attacks_give_the_same_results_on_TorchScript_and_on_the_module()
    {
        using var script = Script();
        using var network = ReferenceNetwork.Load();
        var (images, labels) = ReferenceNetwork.Vendor();
        foreach (var attack in new Attack[]
        {
            new Pgd(0.1) { Seed = 1, Steps = 20, Restarts = 1 }, new Apgd(0.1) { Seed = 1, Steps = 20 },
            new CarliniWagner { Seed = 1, Steps = 50, SearchSteps = 3, InitialConstant = 1 },
        })
        {
            using var scripted = attack.Run(new Classifier(script, Bounds.Unit), images, labels);
            using var module = attack.Run(new Classifier(network, Bounds.Unit), images, labels);
            var differ = (scripted.Adversarial - module.Adversarial).abs().gt(1e-4).to_type(ScalarType.Float64).mean().ToDouble();
            output.WriteLine($"{attack.GetType().Name}: met {scripted.Met.sum().ToInt64()} and {module.Met.sum().ToInt64()} of 25; " +
                $"{differ:p3} of the pixels differ; sizes by {(scripted.Size - module.Size).abs().max().ToDouble():g3}");
            scripted.Met.equal(module.Met).all().ToBoolean().Should().BeTrue();
            (scripted.Size - module.Size).abs().max().ToDouble().Should().BeLessThan(1e-3);
            scripted.Queries.Should().Be(module.Queries);
        }
    }

    [SharedFact(Models + "mnist-cnn.onnx")]
    public void Black_box_attacks_on_ONNX_succeed_as_on_the_module_at_equal_queries()
    {
        using var onnx = Onnx();
        using var network = ReferenceNetwork.Load();
        var module = new Classifier(network, Bounds.Unit);
        using var test = Mnist.Test(SharedFiles.Find("data"));
        var count = Asked("DEFENSES_ATTACKED_IMAGES", 50);
        var (images, labels) = (test.Images(0, count), test.Labels.narrow(0, 0, count));
        foreach (var attack in new Attack[]
        {
            new Square(0.25) { Seed = 1, Candidates = 100 }, new Spsa(0.3) { Seed = 1, Steps = 5, Samples = 16, LearningRate = 0.1 },
            new HopSkipJump { Seed = 1, Steps = 2, FirstQueries = 20 },
        })
        {
            using var ours = attack.Run(onnx.Scores, images, labels);
            using var others = attack.Run(module, images, labels);
            var size = attack is BudgetAttack budget ? budget.Epsilon : others.Size.median().ToDouble();   // half succeed within the median size
            var (found, expected) = (Rate(ours, size), Rate(others, size));
            var (queries, most) = (ours.Queries.Forward, others.Queries.Forward);
            output.WriteLine($"{attack.GetType().Name}: {found} on ONNX, {expected} on the module; {queries} and {most} queries");
            found.Rate.Should().BeInRange(expected.Lower, expected.Upper);
            found.Rate.Should().BeInRange(0.05, 0.95, "an attack that always or never succeeds compares nothing");
            queries.Should().BeInRange((long)(0.99 * most), (long)(1.01 * most));
        }
    }

    private static OnnxModel Onnx() => OnnxModel.Open(SharedFiles.Find(Models + "mnist-cnn.onnx"), Bounds.Unit, new OnnxOptions { Threads = 1 });

    private static jit.ScriptModule<Tensor, Tensor> Script()
    {
        var script = jit.load<Tensor, Tensor>(SharedFiles.Find(Models + "mnist-cnn.traced.pt"));
        script.eval();
        return script;
    }

    // More images than a test takes, for docs/results.md.
    private static long Asked(string variable, long usual) => long.TryParse(Environment.GetEnvironmentVariable(variable), out var asked) ? asked : usual;

    private static long Right(ModelView model, DataSet test, long count)
    {
        long right = 0;
        for (long start = 0; start < count; start += 250)
        {
            using var batch = NewDisposeScope();
            right += model.Logits(test.Images(start, 250)).argmax(1).eq(test.Labels.narrow(0, start, 250)).sum().ToInt64();
        }
        return right;
    }

    private static Proportion Rate(AttackResult result, double size) =>
        new(result.Met.logical_and(result.Size.le(size + 1e-5)).sum().ToInt64(), result.Met.shape[0]);
}
