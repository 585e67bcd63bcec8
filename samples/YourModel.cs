#:project ../src/Defenses.Zoo/Defenses.Zoo.csproj
#:property Torch=native
// A network class of your own, trained by your own loop: a defense is put into it, its saved weights still fit, and the defense is taken out again.
using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Retrofit;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

using var train = SyntheticDigits.Train(6_000);
using var test = SyntheticDigits.Test(200);
using var images = test.Images();
using var network = new YourNetwork();
Train();

// Networks that were trained on normalized pixels get the normalization as a part of the model: ε stays in units of pixels, here from 0 to 1.
var model = new Classifier(network, Bounds.Unit, Preprocessing.Normalize([0.13], [0.31]));
var keys = network.state_dict().Keys.ToArray();
Console.WriteLine($"as it was:        {Attacked()}");
using (var report = network.ReplaceReLU(_ => new RandomizedJumpReLU(high: 0.3), probe: images))
{
    Console.WriteLine(report);
    Console.WriteLine($"with jumps:       {Attacked()}");
    Console.WriteLine($"saved weights fit: {network.state_dict().Keys.SequenceEqual(keys)}");
}
Console.WriteLine($"taken out again:  {Attacked()}");

string Attacked()
{
    using var result = new Pgd(Epsilon: 0.03) { Steps = 20, Restarts = 1, Seed = 1 }.Run(model, images, test.Labels);
    return $"{200 - result.Met.sum().ToInt64()} of 200 images withstand PGD within 0.03";
}

void Train()
{
    var normalize = Preprocessing.Normalize([0.13], [0.31]);
    using var adam = optim.Adam(network.parameters(), lr: 2e-3);
    for (var start = 0; start < train.Count; start += 100)
    {
        using var scope = NewDisposeScope();
        adam.zero_grad();
        nn.functional.cross_entropy(network.call(normalize(train.Images(start, 100))), train.Labels.narrow(0, start, 100)).backward();
        adam.step();
    }
    network.eval();
}

internal sealed class YourNetwork : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv = nn.Conv2d(1, 8, 5, stride: 2);
    private readonly ReLU relu = nn.ReLU();
    private readonly Linear linear = nn.Linear(8 * 12 * 12, 10);
    public YourNetwork() : base("yours") => RegisterComponents();
    public override Tensor forward(Tensor x) => linear.call(relu.call(conv.call(x)).flatten(1));   // logits, not probabilities
}
