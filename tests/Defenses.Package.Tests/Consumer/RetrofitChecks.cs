
// Behind the example of the package's README: what holds of the network that it made.
using var fresh = torchvision.models.resnet18(num_classes: 10);
var keys = fresh.state_dict().Keys.Order().ToList();
Check("every inserted layer ran", retrofit.Layers.Count >= 9 && retrofit.Layers.All(layer => layer.Calls > 0));
Check("the keys are those of a plain network", network.state_dict().Keys.Order().SequenceEqual(keys));
Check("the attack stays within its budget", (attack.Adversarial - images).abs().max().item<float>() <= 0.0301f);
Check("the output differs from draw to draw", Distance(network.call(images), network.call(images)) > 0);

retrofit.Dispose();
Check("taken out, no layer draws", Distance(network.call(images), network.call(images)) == 0);
Check("taken out, the labels are the network's own", network.call(images).argmax(1).Equals(labels));
Check("taken out, the keys are those of a plain network", network.state_dict().Keys.Order().SequenceEqual(keys));

// A model whose scores are its four inputs.
File.WriteAllBytes("scores.onnx", Convert.FromBase64String(
    "CAg6QQoQCgF4EgF5IghJZGVudGl0eRIBZ1oUCgF4Eg8KDQgBEgkKAxIBbgoCCARiFAoBeRIPCg0IARIJCgMSAW4KAggEQgIQDQ=="));
using (var onnx = Defenses.Onnx.OnnxModel.Open("scores.onnx"))
    Check("an ONNX model runs beside torch", onnx.Scores.Logits(torch.tensor(new float[,] { { 0, 0, 3, 1 } })).argmax(1).item<long>() == 2);

static double Distance(torch.Tensor one, torch.Tensor other) => (one - other).abs().max().item<float>();

static void Check(string what, bool holds)
{
    if (!holds) throw new InvalidOperationException("Does not hold: " + what);
    Console.WriteLine("OK: " + what);
}
