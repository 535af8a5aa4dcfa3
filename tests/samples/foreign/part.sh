#!/bin/sh
set -e
true
false
