using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Onnx;
using Defenses.Tests.Contracts;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Onnx;

public sealed class OnnxAsViewTests : ModelViewContract<ScoreOracle>, IDisposable
{
    private readonly Models _models = new();

    public void Dispose() => _models.Dispose();

    protected override bool HasGradient => false;

    protected override ScoreOracle Create(Classifier model) => _models.Double().Scores;

    private sealed class Models : OnnxModels
    {
        internal OnnxModel Double() => Open(new OnnxFile().Input("images", OnnxFile.Double, "n", 12)
            .Weight("weight", Network.Weight.to_type(ScalarType.Float64)).Weight("bias", Network.Bias.to_type(ScalarType.Float64))
            .Node("Gemm", ["images", "weight", "bias"], "logits", ("transB", 1)).Output("logits", OnnxFile.Double, "n", 4));
    }
}

public sealed class OnnxModelTests : OnnxModels
{
    [Fact]
    public void A_file_says_what_the_model_takes_and_gives()
    {
        var model = Open(Usual());
        (model.Input, model.Output, model.Classes, model.Kind, model.IsRandom).Should().Be(("images", "logits", 4, ScoreKind.Logits, false));
        model.InputShape.Should().Equal(null, 1, 3, 4);
        model.Bounds.Should().Be(Bounds.Unit);
        Close(model.Scores.Logits(X), Expected);
        Numbers.Of(model.Decisions.Logits(X).argmax(1)).Should().Equal(Numbers.Of(Expected.argmax(1)));
        model.Scores.Queries.Should().Be(new Queries(16, 0));
        model.Decisions.Queries.Should().Be(new Queries(16, 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(20)]
    public void A_fixed_batch_gets_the_images_in_pieces(long batch)
    {
        var model = Open(Linear(batch).Output("logits", OnnxFile.Float, batch, 4));
        Close(model.Scores.Logits(X), Expected);
        model.Scores.Queries.Should().Be(new Queries(16, 0), "what fills up the last piece is no query");
    }

    [Theory]
    [InlineData(OnnxFile.Double, 1e-5)]
    [InlineData(OnnxFile.Half, 2e-2)]
    public void Other_floating_point_types_are_converted(int type, double tolerance)
    {
        var model = Open(Linear("n", type).Node("Cast", "logits", "scores", ("to", type)).Output("scores", type, "n", 4));
        var logits = model.Scores.Logits(X);
        logits.dtype.Should().Be(ScalarType.Float32);
        Close(logits, Expected, tolerance);
    }

    [Fact]
    public void Probabilities_are_known_from_the_graph()
    {
        foreach (var file in new[]
        {
            Linear("n").Node("Softmax", "logits", "p", ("axis", 1)).Output("p", OnnxFile.Float, "n", 4),
            Linear("n").Node("Softmax", "logits", "q", ("axis", 1)).Node("Identity", "q", "p").Output("p", OnnxFile.Float, "n", 4),
        })
        {
            var model = Open(file);
            model.Kind.Should().Be(ScoreKind.Probabilities);
            Close(model.Scores.Logits(X), Expected.log_softmax(1));
            Open(file, new OnnxOptions { Kind = ScoreKind.Logits }).Scores.Invoking(scores => scores.Logits(X))
                .Should().Throw<InvalidOperationException>().WithMessage("*ScoreKind.Probabilities*");
        }
        var logs = Linear("n").Node("LogSoftmax", "logits", "logs", ("axis", 1)).Output("logs", OnnxFile.Float, "n", 4);
        Open(logs).Kind.Should().Be(ScoreKind.Logits);
    }

    [Fact]
    public void One_logit_is_a_model_of_two_classes()
    {
        var z = Expected.narrow(1, 0, 1);
        var column = Open(Linear("n", classes: 1).Output("logits", OnnxFile.Float, "n", 1));
        var row = Open(Linear("n", classes: 1).Weight("axes", tensor(new long[] { 1 })).Node("Squeeze", ["logits", "axes"], "z")
            .Output("z", OnnxFile.Float, "n"));
        foreach (var model in new[] { column, row })
        {
            (model.Classes, model.Kind).Should().Be((2, ScoreKind.Logits));
            Close(model.Scores.Logits(X), cat([-z / 2, z / 2], 1));
            Numbers.Of(model.Decisions.Logits(X).argmax(1)).Should().Equal(Numbers.Of(z.squeeze(1).gt(0)));
        }
        var sigmoid = Open(Linear("n", classes: 1).Node("Sigmoid", "logits", "p").Output("p", OnnxFile.Float, "n", 1));
        (sigmoid.Classes, sigmoid.Kind).Should().Be((2, ScoreKind.Probabilities));
        var logits = sigmoid.Scores.Logits(X);
        Close(logits.select(1, 1) - logits.select(1, 0), z.squeeze(1), 1e-4);
    }

    [Fact]
    public void A_file_for_one_image_may_squeeze_and_trailing_ones_are_dropped()
    {
        var squeezed = Linear(1).Weight("shape", tensor(new long[] { 4 })).Node("Reshape", ["logits", "shape"], "scores").Output("scores", OnnxFile.Float, 4);
        Close(Open(squeezed).Scores.Logits(X), Expected);
        var trailing = Linear("n").Weight("shape", tensor(new long[] { -1, 4, 1, 1 })).Node("Reshape", ["logits", "shape"], "scores")
            .Output("scores", OnnxFile.Float, "n", 4, 1, 1);
        Close(Open(trailing).Scores.Logits(X), Expected);
    }

    [Fact]
    public void The_number_of_classes_is_probed_or_asked_for()
    {
        Open(Linear("n").Output("logits", OnnxFile.Float, "n", "k")).Classes.Should().Be(4);
        Open(Linear("n").Output("logits", OnnxFile.Float, null)).Classes.Should().Be(4);
        var open = new OnnxFile().Input("images", OnnxFile.Float, "n", 1, "h", "w").Node("Flatten", "images", "scores")
            .Output("scores", OnnxFile.Float, "n", "k");
        this.Invoking(_ => Open(open)).Should().Throw<NotSupportedException>().WithMessage("*OnnxOptions.Classes*");
        Close(Open(open, new OnnxOptions { Classes = 12 }).Scores.Logits(X), X.flatten(1));
        Open(open, new OnnxOptions { Classes = 5 }).Scores.Invoking(scores => scores.Logits(X))
            .Should().Throw<InvalidOperationException>().WithMessage("*5 scores*(16, 12)*");
        this.Invoking(_ => Open(Usual(), new OnnxOptions { Classes = 3 })).Should().Throw<ArgumentException>().WithMessage("*(n, 4)*3*");
    }

    [Fact]
    public void Preprocessing_stands_between_images_and_model()
    {
        var mean = Open(Usual(), new OnnxOptions { Preprocessing = Preprocessing.Normalize([0.5], [0.25]) });
        Close(mean.Scores.Logits(X), Network.call((X - 0.5) / 0.25));
        var last = new OnnxFile().Input("images", OnnxFile.Float, "n", 28, 28, 1).Node("Flatten", "images", "logits")
            .Output("logits", OnnxFile.Float, "n", 784);
        this.Invoking(_ => Open(last)).Should().Throw<NotSupportedException>().WithMessage("*channels-last*permute*");
        var model = Open(last, new OnnxOptions { Preprocessing = x => x.permute(0, 2, 3, 1) });
        var images = Numbers.Uniform([3, 1, 28, 28]);
        Close(model.Scores.Logits(images), images.flatten(1));
        Open(Usual(), new OnnxOptions { Preprocessing = x => x.narrow(0, 0, 2) }).Scores.Invoking(scores => scores.Logits(X))
            .Should().Throw<InvalidOperationException>().WithMessage("*Preprocessing*16*(2, 1, 3, 4)*");
    }

    [Fact]
    public void Images_that_do_not_fit_are_refused_with_both_shapes()
    {
        var plain = Open(Usual()).Scores;
        plain.Invoking(scores => scores.Logits(zeros(2, 3, 3, 4))).Should().Throw<ArgumentException>().WithMessage("*(n, 1, 3, 4)*(2, 3, 3, 4)*");
        plain.Invoking(scores => scores.Logits(zeros(2, 12))).Should().Throw<ArgumentException>().WithMessage("*(n, 1, 3, 4)*(2, 12)*");
        Open(Usual(), new OnnxOptions { Preprocessing = x => x.flatten(1) }).Scores.Invoking(scores => scores.Logits(X))
            .Should().Throw<ArgumentException>().WithMessage("*(n, 1, 3, 4)*(16, 1, 3, 4)*(16, 12) after preprocessing*");
    }

    [Fact]
    public void Images_may_lie_in_memory_as_they_like()
    {
        var turned = X.permute(0, 1, 3, 2).contiguous().permute(0, 1, 3, 2);
        turned.is_contiguous().Should().BeFalse();
        Close(Open(Usual()).Scores.Logits(turned), Expected);
    }

    [Fact]
    public void A_graph_for_one_image_runs_with_a_largest_batch_of_one()
    {
        var file = new OnnxFile().Input("images", OnnxFile.Float, "n", 1, 3, 4).Weight("shape", tensor(new long[] { 1, 12 }))
            .Node("Reshape", ["images", "shape"], "scores").Output("scores", OnnxFile.Float, "n", 12);
        Open(file).Scores.Invoking(scores => scores.Logits(X)).Should().Throw<InvalidOperationException>().WithMessage("*(16, 1, 3, 4)*LargestBatch = 1*");
        Close(Open(file, new OnnxOptions { LargestBatch = 1 }).Scores.Logits(X), X.flatten(1));
    }

    [Fact]
    public void A_model_that_draws_is_random()
    {
        var model = Open(Linear("n").Node("RandomNormalLike", "logits", "noise").Node("Add", ["logits", "noise"], "scores")
            .Output("scores", OnnxFile.Float, "n", 4));
        model.IsRandom.Should().BeTrue();
        model.Scores.IsRandom.Should().BeTrue();
        model.Scores.LargestBatch.Should().Be(1);
        Numbers.Of(model.Scores.Logits(X)).Should().NotEqual(Numbers.Of(model.Scores.Logits(X)));
        new Judge(3) { Seed = 1 }.Measure(model.Scores, X, Expected.argmax(1)).IsRandom.Should().BeTrue();
    }

    [Fact]
    public void Attacks_do_as_on_the_module()
    {
        var model = Open(Usual());
        var labels = Expected.argmax(1);
        Attack[] attacks = [new Square(0.2) { Seed = 1, Candidates = 50 }, new Spsa(0.2) { Seed = 1, Steps = 5 }, new HopSkipJump { Seed = 1, Steps = 3 }];
        foreach (var attack in attacks)
        {
            using var ours = attack.Run(model.Scores, X, labels);
            using var module = attack.Run(Network.Classifier(), X, labels);
            Close(ours.Adversarial, module.Adversarial, 1e-3);
            ours.Queries.Should().Be(module.Queries);
        }
    }

    [Fact]
    public void No_tensor_stays_behind()
    {
        var model = Open(Linear(7).Output("logits", OnnxFile.Float, 7, 4));
        var x = X;
        Leaks.None(() => model.Scores.Logits(x).Dispose());
        Leaks.None(() => model.Decisions.Logits(x).Dispose());
        var path = Write(Usual().ToArray());
        Leaks.None(() => OnnxModel.Open(path).Dispose());
    }

    [Fact]
    public void Threads_and_a_session_of_the_callers_are_options()
    {
        Close(Open(Usual(), new OnnxOptions { Threads = 1 }).Scores.Logits(X), Expected);
        using var session = new SessionOptions { IntraOpNumThreads = 1 };
        Close(Open(Usual(), session: session).Scores.Logits(X), Expected);
        session.IsClosed.Should().BeFalse("it is the caller's");
        this.Invoking(_ => Open(Usual(), new OnnxOptions { Threads = 1 }, session)).Should().Throw<ArgumentException>().WithMessage("*IntraOpNumThreads*");
        foreach (var make in new Func<OnnxOptions>[] { () => new() { Threads = 0 }, () => new() { LargestBatch = 0 }, () => new() { Classes = 1 } })
            make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*must be at least*");
    }

    [CudaFact]
    public void Images_on_an_accelerator_are_answered_there()
    {
        var logits = Open(Usual()).Scores.Logits(X.cuda());
        logits.device_type.Should().Be(DeviceType.CUDA);
        Close(logits.cpu(), Expected);
    }
}
