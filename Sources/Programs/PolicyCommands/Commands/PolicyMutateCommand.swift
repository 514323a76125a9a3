import Glibc
package import InterlockCommandLine
import InterlockCredentials
import InterlockPolicy
import InterlockPolicyReview

extension Command {
    package static let policyMutate = Command(
        "policy mutate [PATH]", "see which changes of the policy its tests would miss",
        example: "interlock policy mutate policy --min-score 0.9",
        options: PolicyInput.options + [
            Option("--min-score SHARE", "exit 1 below this share of noticed changes (default: 1)"),
            Option("--jobs N", "at once (default: one for each processor)"),
        ],
        exits: [.no, .data, .notFound],
        notes:
            "Changes that decide the same are left out. Exit 1: survivors, or the score is below."
    ) { invocation in
        let least = try share(invocation["min-score"])
        let jobs = try count(invocation["jobs"])
        let input = try PolicyInput(invocation, named: invocation.positional.first)
        let run = MutationRun(try input.load(), at: input.now, hashing: OpenSSLHashing())
        let results = await judged(run, jobs: jobs)
        for result in results {
            if invocation.isJSON {
                Output.json(result.json)
            } else if case .survived = result.fate {
                Output.line(result.text)
            }
        }
        let score = MutationScore(results)
        if !invocation.isJSON {
            let percent = (score.share * 1000).rounded() / 10
            Output.line("score \(percent)%: \(score.killed) of \(score.judged) changes are noticed")
        }
        return score.share >= least ? .ok : .no
    }
}

/// Tests the mutants in parallel; the results are in the order of the mutants.
private func judged(_ run: MutationRun, jobs: Int) async -> [MutantResult] {
    let mutants = run.mutants
    let progress = Progress("changes tried", of: UInt64(mutants.count))
    defer { progress.end() }
    return await withTaskGroup(of: [(Int, MutantResult)].self) { group in
        for job in 0..<jobs {
            group.addTask {
                stride(from: job, to: mutants.count, by: jobs).map { number in
                    defer { progress.add() }
                    return (number, run.judge(mutants[number]))
                }
            }
        }
        var results: [(Int, MutantResult)] = []
        for await part in group { results += part }
        return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

private func share(_ text: String?) throws(Failure) -> Double {
    guard let text else { return 1 }
    return try Invocation.parsed(text, "no share", help: "write a number from 0 to 1", .usage) {
        Double($0).flatMap { (0...1).contains($0) ? $0 : nil }
    }
}

private func count(_ text: String?) throws(Failure) -> Int {
    guard let text else { return max(1, min(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 64)) }
    return try Invocation.parsed(text, "no number of jobs", help: "write 1 to 64", .usage) {
        Int($0).flatMap { (1...64).contains($0) ? $0 : nil }
    }
}
