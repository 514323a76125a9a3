extension ProgramTable {
    /// Shells, interpreters, and programs that run other programs.
    static let shells: [(String, ProgramRule)] = [
        ("sh bash dash zsh ksh ash mksh", .shell(.option)),
        ("eval", .shell(.arguments)),
        ("trap", .shell(.first)),
        (
            """
            source . alias unalias function declare typeset local readonly unset let mapfile readarray hash enable \
            shopt setopt autoload zmodload bind complete compgen kill pkill killall disown fg bg ulimit umask \
            perl ruby node nodejs deno bun php lua luajit Rscript R julia osascript tclsh expect \
            fish csh tcsh pwsh powershell nu elvish m4 ed ex vi vim nvim emacs nano less more man gdb lldb \
            strace ltrace flock watch entr script screen tmux parallel at batch crontab fakeroot proot unshare \
            su runuser pkexec newgrp sg ld.so ld-linux-x86-64.so.2 irb ghci groovy scala sqlite3 bc dc
            """, .code
        ),
        ("python python2 python3", .special(.python)),
        (
            "env",
            .wrapper(
                CommandWrapper(
                    "i0vu:C:", "ignore-environment null debug", valuedNames: "unset chdir",
                    hasAssignments: true))
        ),
        ("nohup setsid", .wrapper(CommandWrapper("cfw", "fork wait ctty"))),
        (
            "timeout gtimeout",
            .wrapper(
                CommandWrapper(
                    "vk:s:", "foreground preserve-status verbose", valuedNames: "kill-after signal",
                    operands: 1))
        ),
        ("nice", .wrapper(CommandWrapper("n:0123456789", valuedNames: "adjustment"))),
        ("ionice", .wrapper(CommandWrapper("tc:n:", "ignore", valuedNames: "class classdata"))),
        ("stdbuf", .wrapper(CommandWrapper("i:o:e:", valuedNames: "input output error"))),
        ("time", .wrapper(CommandWrapper("pv", "portability verbose"))),
        ("builtin noglob nocorrect chronic unbuffer", .wrapper(CommandWrapper())),
        ("busybox toybox", .wrapper(CommandWrapper())),
        ("exec", .wrapper(CommandWrapper("", bare: .arbitrary))),
        (
            "xargs gxargs",
            .wrapper(
                CommandWrapper(
                    "0rtoxn:P:L:d:I:s:E:",
                    "null no-run-if-empty verbose exit",
                    valuedNames: "max-args max-procs max-lines delimiter max-chars",
                    readsInput: true))
        ),
        (
            "sudo",
            .wrapper(
                CommandWrapper(
                    "nEHSkbAPu:g:p:C:D:R:T:h:r:t:",
                    "non-interactive preserve-env set-home stdin background",
                    valuedNames: "user group prompt chdir", hasAssignments: true, floor: .arbitrary,
                    bare: .arbitrary))
        ),
        ("doas", .wrapper(CommandWrapper("nu:C:", floor: .arbitrary, bare: .arbitrary))),
        (
            "chroot",
            .wrapper(CommandWrapper(operands: 1, floor: .arbitrary, bare: .arbitrary))
        ),
        ("ssh mosh rsh slogin nsenter", .any(.production)),
    ]
}
