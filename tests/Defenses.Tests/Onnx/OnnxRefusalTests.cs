using Defenses.Onnx;
using TorchSharp;

namespace Defenses.Tests.Onnx;

/// <summary>Files that are no classifiers, and files that are no models.</summary>
public sealed class OnnxRefusalTests : OnnxModels
{
    [Fact]
    public void A_model_that_is_no_classifier_is_refused_in_words()
    {
        Refuses(new OnnxFile().Input("a", OnnxFile.Float, "n", 4).Input("b", OnnxFile.Float, "n", 4).Node("Add", ["a", "b"], "sum")
            .Output("sum", OnnxFile.Float, "n", 4), "*2 inputs*'a', Float (n, 4)*'b'*ScoreOracle*");
        Refuses(Linear("n", OnnxFile.Int64).Output("logits", OnnxFile.Float, "n", 4), "*Int64*'images'*Float, Double or Float16*");
        Refuses(new OnnxFile().Input("x", OnnxFile.Float, 12).Node("Identity", "x", "y").Output("y", OnnxFile.Float, 12), "*(12)*(n, features)*");
        Refuses(Linear("n").Node("Cast", "logits", "text", ("to", OnnxFile.Text)).Output("text", OnnxFile.Text, "n", 4), "*gives text*'text'*scores*");
        Refuses(Linear("n").Node("SequenceConstruct", "logits", "list").Sequence("list"), "*gives a sequence*'list'*zipmap=False*");
        Refuses(Linear("n").Node("ArgMax", "logits", "label", ("axis", 1)).Output("label", OnnxFile.Int64, "n", 1), "*Int64*'label'*DecisionOracle*");
        Refuses(new OnnxFile().Input("x", OnnxFile.Float, "n", 3, 8, 8).Node("Relu", "x", "y").Output("y", OnnxFile.Float, "n", 3, 8, 8),
            "*(n, 3, 8, 8)*segment*");
    }

    [Fact]
    public void Among_several_outputs_the_one_with_scores_is_taken_or_asked_for()
    {
        Open(Usual().Node("ArgMax", "logits", "label", ("axis", 1)).Output("label", OnnxFile.Int64, "n", 1)).Output.Should().Be("logits");
        var two = Usual().Node("Softmax", "logits", "p", ("axis", 1)).Output("p", OnnxFile.Float, "n", 4);
        Refuses(two, "*2 outputs*'logits', Float (n, 4)*'p'*OnnxOptions.Output*");
        Close(Open(two, new OnnxOptions { Output = "p" }).Scores.Logits(X), Expected.log_softmax(1));
        Open(two, new OnnxOptions { Output = "logits" }).Kind.Should().Be(Defenses.Models.ScoreKind.Logits);
        this.Invoking(_ => Open(two, new OnnxOptions { Output = "q" })).Should().Throw<ArgumentException>().WithMessage("*'q'*'logits'*'p'*");
        var none = Linear("n").Node("ArgMax", "logits", "label", ("axis", 1)).Output("label", OnnxFile.Int64, "n", 1)
            .Node("SequenceConstruct", "logits", "list").Sequence("list");
        Refuses(none, "*'label'*It gives a sequence*");
        this.Invoking(_ => Open(none, new OnnxOptions { Output = "label" })).Should().Throw<NotSupportedException>().WithMessage("*Int64*");
    }

    [Fact]
    public void A_file_that_is_not_there_or_empty_or_a_folder_is_named()
    {
        Opening("no such.onnx").Should().Throw<FileNotFoundException>().WithMessage("*'no such.onnx'*").Which.FileName.Should().Be("no such.onnx");
        Opening(Write([], "empty.onnx")).Should().Throw<InvalidDataException>().WithMessage("*empty.onnx' is empty*");
        Opening(Path.GetDirectoryName(Write([1]))!).Should().Throw<InvalidDataException>().WithMessage("*folder*");
        Opening("").Should().Throw<ArgumentException>();
        Opening(null!).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void A_file_that_is_no_model_or_cut_off_is_named()
    {
        Opening(Write("not a model at all"u8.ToArray(), "text.onnx")).Should().Throw<InvalidDataException>().WithMessage("*text.onnx'*ONNX*");
        Opening(Write([0x50, 0x4b, 3, 4, 0, 0], "zip.onnx")).Should().Throw<InvalidDataException>().WithMessage("*zip.onnx'*");
        var whole = Usual().ToArray();
        foreach (var length in new[] { 1, 10, whole.Length / 2, whole.Length - 20 })
            Opening(Write(whole[..length], "cut.onnx")).Should().Throw<InvalidDataException>($"{length} bytes").WithMessage("*cut.onnx'*");
    }

    private static Func<OnnxModel> Opening(string path) => () => OnnxModel.Open(path);

    private void Refuses(OnnxFile file, string message) =>
        this.Invoking(_ => Open(file)).Should().Throw<NotSupportedException>().WithMessage("'*model.onnx' " + message);
}
