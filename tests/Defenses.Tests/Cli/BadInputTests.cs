using Defenses.Cli;

namespace Defenses.Tests.Cli;

/// <summary>Every command that tries a model, with everything that can be wrong: one line that names the option and what was given, and exit code 1.</summary>
public sealed class BadInputTests(TryableModel files) : IClassFixture<TryableModel>
{
    private static readonly string[] s_all = ["attack", "evaluate", "detect", "doctor", "certify", "optimality"];
    private static readonly string[] s_attacking = ["attack", "evaluate", "detect", "doctor"];

    // What is wrong: the options in place of good ones (an empty value takes one away), and what the line must name. @ stands for the folder of files.
    private static readonly (string[] Commands, string Options, string[] Named)[] s_cases =
    [
        ([.. s_all, "judge"], "--model @/none.pt", ["--model", "@/none.pt"]),
        ([.. s_all, "judge"], "--model @/nothing", ["--model", "@/nothing", "folder"]),
        ([.. s_all, "judge"], "--model @/empty.safetensors", ["--model", "@/empty.safetensors", "empty"]),
        (s_all, "--model @/cut.safetensors", ["--model", "@/cut.safetensors"]),
        (s_all, "--model @/cut.pt --network", ["--model", "@/cut.pt"]),
        (s_all, "--model @/cut.onnx --network", ["--model", "@/cut.onnx"]),
        (s_all, "--model @/text.pt", ["--model", "@/text.pt"]),
        (s_all, "--model @/linear.onnx", ["--network", "@/linear.onnx"]),
        (s_all, "--model @/alone/good.safetensors --network", ["--network", "@/alone/good.safetensors", "lenet-like"]),
        (s_all, "--model @/nan.safetensors", ["--model", "@/nan.safetensors", "NaN"]),
        (s_all, "--network feinman-mnist", ["--network", "@/good.safetensors"]),
        (s_all, "--network resnet", ["--network", "'resnet'", "hrs-mnist"]),
        (s_all, "--network hrs-cifar10", ["--network", "hrs-cifar10", "(1, 28, 28)"]),
        (s_all, "--data @/none", ["--data", "@/none"]),
        (s_all, "--data @/nothing", ["--data", "@/nothing"]),
        (s_all, "--data @/text.txt", ["--data", "@/text.txt"]),
        (s_all, "--data @/alone.npy", ["--labels", "@/alone.npy"]),
        (s_all, "--data @/images.npy --labels @/none.npy", ["--labels", "@/none.npy"]),
        (s_all, "--data @/images.npy --labels @/short.npy", ["--labels", "@/short.npy", "6 images", "5"]),
        (s_all, "--data @/images.npy --labels @/eleven.npy", ["--model", "10 classes", "11"]),
        (s_all, "--data @/x_small.npy", ["--network", "(1, 4, 4)"]),
        (s_all, "--model @/linear.onnx --network --data @/x_small.npy", ["--model", "(1, 4, 4)", "@/x_small.npy"]),
        (s_all, "--data @/x_wide.npy", ["--data", "@/x_wide.npy", "255", "--mean"]),
        (s_all, "--data @/x_nan.npy", ["--data", "@/x_nan.npy", "NaN"]),
        (s_all, "--data @/good.safetensors", ["--data", "@/good.safetensors", "images and labels"]),
        (s_all, "--data @/animals --grey --classes cat,dog", ["--data", "@/animals", "'mouse'", "cat, dog"]),
        (s_all, "--data @/animals --grey", ["--model", "10 classes", "@/animals", "--classes"]),
        (s_all, "--data @/animals", ["--network", "(3, 28, 28)"]),
        (s_all, "--data @/damaged --grey", ["--data", "@/damaged"]),
        (s_all, "--data @/animals --labels @/labels.npy", ["--labels", "@/animals"]),
        (s_all, "--size 28", ["--size", "synthetic"]),
        (s_all, "--data @/animals --size x", ["--size", "'x'"]),
        (s_all, "--data @/animals --crop 0", ["--crop", "'0'"]),
        (s_all, "--classes 5", ["--classes", "5", "10"]),
        (s_all, "--classes cat", ["--classes", "'cat'"]),
        (s_all, "--classes @/none.txt", ["--classes", "@/none.txt"]),
        (s_all, "--classes @/nothing", ["--classes", "@/nothing"]),
        (s_all, "--classes a,a", ["--classes", "'a'"]),
        (s_all, "--labels @/labels.npy", ["--labels"]),
        (s_all, "--data mnist", ["--data mnist", "--dataset synthetic"]),
        (s_all, "--mean 1,2 --std 1,2", ["--mean", "2"]),
        ([.. s_all, "judge"], "--mean 0.5", ["--mean", "--std"]),
        ([.. s_all, "judge"], "--mean x --std 1", ["--mean", "'x'"]),
        ([.. s_all, "judge"], "--mean 0 --std 0", ["--std", "'0'"]),
        (s_all, "--images x", ["--images", "'x'"]),
        (s_all, "--images 0", ["--images", "'0'"]),
        ([.. s_all, "judge"], "--threads -1", ["--threads", "'-1'"]),
        ([.. s_all, "judge"], "--seed -1", ["--seed", "'-1'"]),
        ([.. s_all, "judge"], "--out /dev/null/x", ["--out", "/dev/null/x"]),
        (s_attacking, "--epsilon -1", ["--epsilon", "'-1'"]),
        (s_attacking, "--epsilon x", ["--epsilon", "'x'"]),
        (["attack", "evaluate", "detect"], "--attack magic", ["--attack", "'magic'", "pgd"]),
        (["attack", "evaluate"], "--model @/linear.onnx --network --attack pgd", ["--attack pgd", "linear.onnx", "square"]),
        (["evaluate"], "--tries 101", ["--tries", "--draws, 100", "101"]),
        (["evaluate"], "--tries 2 --known-draw", ["--tries", "--known-draw"]),
        (["evaluate"], "--sees scores --attack pgd", ["--attack pgd", "--sees scores", "square"]),
        (["evaluate"], "--base @/none.pt", ["--base", "@/none.pt"]),
        (["evaluate"], "--base @/cut.safetensors", ["--base", "@/cut.safetensors"]),
        (["detect"], "--sampling own", ["--sampling own"]),
        (["detect"], "--model @/linear.onnx --network --attack noise", ["--model", "@/linear.onnx"]),
        (["doctor"], "--layer sap~after~relu99", ["--layer 'sap after relu99'", "no 'relu99'", "relu3"]),
        (["doctor"], "--layer sap~instead~of~conv1", ["--layer 'sap instead of conv1'", "no ReLU", "relu3"]),
        (["doctor"], "--model @/linear.onnx --network --layer sap~after~relu1", ["--model", "@/linear.onnx"]),
        (["certify"], "--sigma 0", ["--sigma", "'0'"]),
        (["certify"], "--alpha 1", ["--alpha", "'1'"]),
        (["certify"], "--radius -1", ["--radius", "'-1'"]),
        (["certify"], "--draws 0", ["--draws", "'0'"]),
        (["optimality"], "--model @/linear.onnx --network", ["--model", "@/linear.onnx"]),
        (["optimality"], "--norm L3", ["--norm", "'L3'"]),
        (["optimality"], "--attack magic", ["--attack", "'magic'", "Fmn"]),
        (["optimality"], "--attack Ddn --norm L1", ["--attack Ddn", "--norm L1", "Alma"]),
        (["optimality"], "--steps 0", ["--steps", "'0'"]),
        (["optimality"], "--beside @/none.pt", ["--beside", "@/none.pt"]),
        (["optimality"], "--reference @/none.json", ["--reference", "@/none.json"]),
        (["optimality"], "--reference @/text.txt", ["--reference", "@/text.txt", "attacks and best"]),
        (["optimality"], "--reference @/others.json", ["--reference", "@/others.json", "good", "mnist-cnn"]),
        (["judge"], "--adversarial @/none", ["--adversarial", "@/none"]),
        (["judge"], "--adversarial @/nothing", ["--adversarial", "@/nothing", "adversarial.safetensors"]),
        (["judge"], "--adversarial @/good.safetensors", ["--adversarial", "@/good.safetensors", "AdversarialSet"]),
        (["judge"], "--adversarial @/cut.safetensors", ["--adversarial", "@/cut.safetensors"]),
    ];

    public static TheoryData<string, string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var (commands, options, named) in s_cases)
                foreach (var command in commands) data.Add(command, options, string.Join('|', named));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_wrong_is_told_in_a_line_that_names_the_option_and_what_was_given(string command, string options, string named)
    {
        var into = files.At("never");
        var (code, output) = Tool.Call(Line(command, options, into));
        code.Should().Be(Failure.Mendable, output);
        var lines = output.Trim().Split('\n');
        lines[0].Should().StartWith("error: ");
        lines.Skip(1).Where(line => !line.StartsWith("For help: ", StringComparison.Ordinal)).Should().BeEmpty("one line says it");
        foreach (var name in named.Split('|')) lines[0].Should().Contain(name.Replace("@", files.Folder));
        output.Should().NotContain("   at ").And.NotContain("this should not happen");
        Directory.Exists(into).Should().BeFalse("nothing is written");
    }

    [Fact]
    public void Every_command_that_takes_a_model_is_in_the_table()
    {
        var tried = s_cases.SelectMany(one => one.Commands).Distinct();
        EntryPoint.Root.Subcommands.Where(command => command.Options.Any(option => option.Name == "--model")).Select(command => command.Name).Should()
            .BeEquivalentTo(tried);
    }

    private string[] Line(string command, string options, string into)
    {
        var given = new Dictionary<string, string?>
        {
            ["--model"] = "@/good.safetensors", ["--network"] = "lenet-like", ["--threads"] = "1", ["--out"] = into,
        };
        if (command == "judge") given["--adversarial"] = "@/attacked";
        else (given["--dataset"], given["--images"]) = ("synthetic", "4");
        if (command == "doctor") given["--cheap"] = null;
        if (command == "certify") given["--draws"] = "10";
        foreach (var option in options.Split("--", StringSplitOptions.RemoveEmptyEntries).Select(text => text.Trim().Split(' ', 2)))
        {
            var name = "--" + option[0];
            if (option.Length == 2) given[name] = option[1].Replace('~', ' ');
            else if (name == "--network") given.Remove(name);
            else given[name] = null;
            if (name == "--data" && option[1].StartsWith('@')) given.Remove("--dataset");
        }
        return [command, .. given.SelectMany(one => one.Value is null ? new[] { one.Key } : [one.Key, one.Value.Replace("@", files.Folder)])];
    }
}
