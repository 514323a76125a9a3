import Glibc
import InterlockTesting

/// The real bash, in a folder of its own in which `git` only writes down how it was called.
struct BashOracle {
    private static let path = "/bin/bash"
    static let isPresent = TestFiles.list("/bin", suffix: "bash").contains(path)

    private let folder =
        "/tmp/interlock-shell-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    private var log: String { folder + "/log" }

    init() {
        let script = """
            umask 077 && mkdir "$0" "$0/bin" "$0/work" && echo git push > "$0/work/a" || exit 1
            for name in cat env xargs timeout nice nohup sh bash head find; do
                for origin in /bin /usr/bin; do
                    [ -x "$origin/$name" ] && ln -sf "$origin/$name" "$0/bin/$name"
                done
            done
            printf '#!/bin/sh\\n[ "$1" = push ] && echo push >> %s/log\\n' "$0" > "$0/bin/git" && chmod 700 "$0/bin/git"
            """
        _ = run(["/bin/sh", "-c", script, folder], in: "/", path: "/usr/bin:/bin")
    }

    /// Removes everything.
    func remove() { _ = run(["/bin/rm", "-rf", folder], in: "/", path: "/usr/bin:/bin") }

    /// Returns true if running the text pushes.
    func pushes(_ text: String) -> Bool {
        _ = run(["/bin/rm", "-f", log], in: "/", path: "/bin")
        _ = run(["/usr/bin/timeout", "-s", "KILL", "5", Self.path, "-c", text])
        return content(of: log).split(separator: "\n").contains { $0.hasPrefix("push") }
    }

    /// Returns true if bash can parse the text.
    func parses(_ text: String) -> Bool { run([Self.path, "-n", "-c", text]) == 0 }

    /// The output of a text.
    func output(running text: String) -> String {
        _ = run([Self.path, "-c", text], output: folder + "/out")
        return content(of: folder + "/out")
    }

    private func content(of path: String) -> String {
        String(decoding: TestFiles.read(path) ?? [], as: UTF8.self)
    }

    /// Returns the status of the process, or -1 if it could not be started.
    private func run(
        _ words: [String], in directory: String? = nil, path: String? = nil,
        output: String = "/dev/null"
    ) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let creates = O_WRONLY | O_CREAT | O_TRUNC
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, creates, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let all = ["/usr/bin/env", "-C", directory ?? folder + "/work"] + words
        let variables = ["PATH=" + (path ?? folder + "/bin"), "HOME=" + folder]
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe all.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe variables.map {
            unsafe strdup($0)
        }
        unsafe environment.append(nil)
        defer {
            let texts = unsafe arguments + environment
            for index in unsafe texts.indices { unsafe free(texts[index]) }
        }
        var pid: pid_t = 0
        guard unsafe posix_spawn(&pid, all[0], &actions, nil, arguments, environment) == 0 else {
            return -1
        }
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
