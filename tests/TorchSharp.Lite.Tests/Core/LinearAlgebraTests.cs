using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class LinearAlgebraTests : TensorTest
{
    private static Tensor A => Matrix(2, 4, 1, 2, 3);

    [Fact]
    public void Products_of_matrices_and_vectors()
    {
        var v = tensor(new[] { 1.0, 2.0 });
        ShouldBe(A.mm(A), 18, 7, 14, 11);
        ShouldBe(A.matmul(v), 6, 8);
        ShouldBe(A.mv(v), 6, 8);
        ShouldBe(v.dot(v), 5);
        ShouldBe(v.outer(v), 1, 2, 2, 4);
        ShouldBe(A.unsqueeze(0).bmm(A.unsqueeze(0)), 18, 7, 14, 11);
        ShouldBe(A.addmm(A, A, beta: 2, alpha: 0.5f), 17, 5.5, 11, 11.5);
        ShouldBe(einsum("ij,j->i", A, v), 6, 8);
        ShouldBe(tensordot(A, A, 1), 18, 7, 14, 11);
        ShouldBe(A.tensordot(A), 30);
        ShouldBe(v.kron(v), 1, 2, 2, 4);
        ShouldBe(A.trace(), 7);
        ShouldBe(A.matrix_power(2), 18, 7, 14, 11);
    }

    [Fact]
    public void Inverses_determinants_and_solutions()
    {
        ShouldBe(A.det(), 10);
        ShouldBe(A.inverse().mm(A), 1, 0, 0, 1);
        ShouldBe(linalg.solve(A, Matrix(2, 6, 8)), 1, 2);
        ShouldBe(linalg.lstsq(A, Matrix(2, 6, 8)).Solution, 1, 2);
        ShouldBe(linalg.pinv(Matrix(1, 3, 4)), 3 / 25.0, 4 / 25.0);
    }

    [Fact]
    public void Factors_multiply_to_the_matrix()
    {
        var (q, r) = linalg.qr(A);
        ShouldBe(q.mm(r), 4, 1, 2, 3);
        var (u, s, vh) = linalg.svd(A);
        ShouldBe((u * s).mm(vh), 4, 1, 2, 3);
        var symmetric = A.mm(A.t());
        var lower = linalg.cholesky(symmetric);
        ShouldBe(lower.mm(lower.t()) - symmetric, 0, 0, 0, 0);
        var (values, vectors) = linalg.eigh(symmetric);
        ShouldBe((vectors * values).mm(vectors.t()) - symmetric, 0, 0, 0, 0);
        ShouldBe(linalg.svdvals(Matrix(2, 3, 0, 0, 2)), 3, 2);
    }

    [Fact]
    public void Special_functions_have_their_values()
    {
        ShouldBe(special.ndtr(tensor(0.0)), 0.5);
        ShouldBeWithin(1e-9, special.ndtri(tensor(0.975)), 1.959963984540054);
        ShouldBe(special.entr(tensor(new[] { 0.0, 1.0, 0.5 })), 0, 0, 0.5 * Math.Log(2));
        ShouldBe(special.gammaln(tensor(5.0)), Math.Log(24));
        ShouldBe(special.expit(tensor(0.0)), 0.5);
    }
}
