#:project ../src/Defenses.Zoo/Defenses.Zoo.csproj
#:property Torch=native
// Images that are made on the attacker's own networks and sent to a network that the attacker cannot see.
using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Retrofit;
using Defenses.Statistics;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

const double Epsilon = 0.12;
using var train = SyntheticDigits.Train(6_000);
using var test = SyntheticDigits.Test(200);
using var images = test.Images();
var target = new Classifier(Trained(1), Bounds.Unit);
var own = Trained(2);
var second = Trained(3);

// Backward variants are layers in a surrogate; the view switches them on.
using var linear = second.ReplaceReLU(path => path == "relu4" ? new LinearBackwardReLU() : null, probe: images);
var surrogate = new Classifier(own, Bounds.Unit);
var several = new Surrogates([surrogate, new StraightThrough(new Classifier(second, Bounds.Unit))]);

Sent("noise", surrogate, new Noise(Epsilon));
Sent("PGD", surrogate, new Pgd(Epsilon) { Steps = 20, Restarts = 1 });
Sent("momentum", surrogate, new TransferPgd(Epsilon) { Neighbors = null });
Sent("neighbors", surrogate, new TransferPgd(Epsilon));
Sent("rotated copies", surrogate, new TransferPgd(Epsilon) { Neighbors = null, Transforms = [new BlockShuffle { Blocks = 1, Angle = 15, Copies = 4 }] });
Sent("two surrogates", several, new TransferPgd(Epsilon));

void Sent(string name, ModelView source, Attack attack)
{
    using var result = (new Transfer(source, attack) { Seed = 4 }).Run(target, images, test.Labels);
    Console.WriteLine($"{name}: {new Proportion(result.Met.sum().ToInt64(), test.Count)} of the images are mistaken");
}

Sequential Trained(ulong seed)
{
    var network = (Sequential)Networks.LeNetLike(seed, dropout: 0);
    new Trainer(new TrainingOptions { Epochs = 2, Seed = seed, Update = new AdamUpdate { Rate = LearningRate.Constant(0.002) } }).Run(network, train);
    network.eval();
    return network;
}
