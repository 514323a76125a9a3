# What people type; the work is in scripts/.
.PHONY: run test check stress bench pictures clean

run:    ; @scripts/run
test:   ; @scripts/test
check:  ; @scripts/check
stress: ; @scripts/stress
bench:  ; @scripts/bench
pictures: ; @scripts/pictures
clean:  ; rm -rf .build
